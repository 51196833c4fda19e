"""`make outdated` as one screen of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from operations.outdated_facts import ImageFact, OutdatedFacts
from operations.screen_text import coloured, wrapped

_HEAD = ("image", "runs", "newer", "next line", "newest")


def screen(facts: OutdatedFacts, *, colour: bool) -> str:
    """All lines. What has a newer version in its line has `!` in front, and is repeated with what to do."""
    lines = (coloured(line, "is up to date") if colour else line for line in _lines(facts))
    return "\n".join(lines) + "\n"


def _lines(facts: OutdatedFacts) -> Iterator[str]:
    if facts.could_not_look:
        yield f"{facts.stack}: could not look: {facts.could_not_look.what}"
        return
    yield f"{facts.stack}, {facts.time:%Y-%m-%d %H:%M} UTC: {_verdict(facts)}"
    yield ""
    yield from _table(facts)
    notes = [line for image in facts.images for line in _notes(image)]
    if facts.undeployed:
        notes = [
            *wrapped(
                "  the versions are those of the settings: ", facts.undeployed, more="    ", whole_words=True
            ),
            *notes,
        ]
    if notes:
        yield from ("", "Notes", *notes)
    if any(image.next_line for image in facts.images):
        yield ""
        yield "Release notes of later lines"
        yield from (line for image in facts.images for line in _addresses(image))
    yield ""
    if not facts.attention:
        yield f"{facts.stack}: {_verdict(facts)}"
        return
    yield "Needs attention"
    for number, attention in enumerate(facts.attention, start=1):
        yield from wrapped(f"! {number:>2}. ", attention.what, whole_words=True)
        yield from wrapped("       ", f"do: {attention.do}", more="           ", whole_words=True)


def _verdict(facts: OutdatedFacts) -> str:
    count = sum(image.newer is not None for image in facts.images)
    unknown = sum(image.problem is not None for image in facts.images)
    said = []
    if count:
        said.append(f"{count} {'images have' if count > 1 else 'image has'} a newer version")
    if unknown:
        said.append(f"{unknown} could not be looked up")
    return ", ".join(said) or "every image is up to date"


def _table(facts: OutdatedFacts) -> Iterator[str]:
    head = (_HEAD[0], "settings", *_HEAD[2:]) if facts.undeployed else _HEAD
    rows: list[Sequence[str]] = [head, *map(_cells, facts.images)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    marks = [" ", *("!" if image.attention or image.problem else " " for image in facts.images)]
    for mark, row in zip(marks, rows, strict=True):
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"{mark} {cells}".rstrip()


def _cells(image: ImageFact) -> Sequence[str]:
    later = (image.newer, image.next_line, image.newest)
    unknown = "?" if image.problem else "-"
    return (image.image, image.tag or "digest", *(version.tag if version else unknown for version in later))


def _notes(image: ImageFact) -> Iterator[str]:
    name = f"{image.image}:{image.tag}" if image.tag else image.image
    if image.problem:
        yield from wrapped(f"! {name}: ", image.problem, more="    ", whole_words=True)
    if image.note:
        yield from wrapped(f"  {name}: ", image.note, more="    ", whole_words=True)
    if image.planned:
        yield from wrapped(f"  {name}: ", f"the settings say {image.planned}", more="    ", whole_words=True)


def _addresses(image: ImageFact) -> Iterator[str]:
    for version in (image.next_line, image.newest):
        if version:
            yield f"  {image.image} {version.tag}: {version.release_notes}"
