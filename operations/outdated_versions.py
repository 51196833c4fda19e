"""Which of an image's tags are newer, in its release line and beyond."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from components.default_images import line_numbers
from components.image_tag import ImageReference, ImageTag


@dataclass(frozen=True)
class Newer:
    """What could be taken in place of an image; None each where there is nothing."""

    line: ImageTag | None = None
    """The newest of the same release line."""
    next_line: ImageTag | None = None
    """The newest of the line after that."""
    newest: ImageTag | None = None
    """The newest of all, where it is of a later line than the next."""


def newer(image: ImageReference, current: ImageTag, tags: Iterable[str]) -> Newer:
    """Compare with what the registry has; only released versions of the same variant count."""
    numbers = line_numbers(image.repository)
    parsed = (ImageTag.parse(tag) for tag in tags)
    later = sorted(
        (tag for tag in parsed if tag and not tag.pre_release and current.is_older(tag)),
        key=lambda tag: tag.numbers,
    )
    newest_of = {tag.line(numbers): tag for tag in later}
    same = newest_of.pop(current.line(numbers), None)
    beyond = list(newest_of.values())
    return Newer(
        same,
        next_line=beyond[0] if beyond else None,
        newest=beyond[-1] if len(beyond) > 1 else None,
    )


def unversioned(image: ImageReference, tags: Iterable[str] = ()) -> str | None:
    """Why an image cannot be compared; None where its tag is a version.

    Args:
        image: The image.
        tags: Those of its registry, as far as they are known: `8.2` is a version where there is no `8.2.1`.
    """
    if not image.tag:
        return "pinned by its digest alone, which does not say a version"
    current = ImageTag.parse(image.tag)
    if current is None:
        return f"the tag {image.tag} moves, or says no version"
    for tag in map(ImageTag.parse, tags):
        if (
            tag
            and (tag.prefix, tag.variant) == (current.prefix, current.variant)
            and len(tag.numbers) > len(current.numbers)
            and tag.numbers[: len(current.numbers)] == current.numbers
        ):
            return f"the tag {image.tag} moves: the registry has {tag.text}"
    return None
