"""Which image a container is made from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.default_images import newer_default
from components.image_tag import ImageReference, ImageTag
from policies.kinds import BUILT_IMAGE, CONTAINER, REMOTE_IMAGE
from policies.rule import Resource, Rule

_PROPERTY = {CONTAINER: "image", REMOTE_IMAGE: "name", BUILT_IMAGE: "imageName"}
_DIGEST = re.compile(r"(.+@)?sha256:[0-9a-f]{64}")
_NUMBERS = re.compile(r"(?<![0-9.])\d+(\.\d+)+")
"""Two numbers at least: PostgreSQL's versions have no more."""
_COMMIT = re.compile(r"(sha-)?(?=[0-9a-f]*\d)[0-9a-f]{7,64}")
_DAY = re.compile(r"(.*-)?20\d{6}(-.*)?")


def _moving(resource: Resource) -> Iterator[str]:
    reference = resource.properties.text(_PROPERTY[resource.kind])
    if not reference or _DIGEST.fullmatch(reference):
        return
    # A colon before the last slash is that of the registry's port.
    _, _, tag = reference.rpartition("/")[2].partition(":")
    if not tag:
        yield f"takes the image {reference}, which means its tag latest"
    elif not (_NUMBERS.search(tag) or _COMMIT.fullmatch(tag) or _DAY.fullmatch(tag)):
        yield f"takes the image {reference}, whose tag moves"


def _outdated(resource: Resource) -> Iterator[str]:
    image = ImageReference.parse(resource.properties.text(_PROPERTY[resource.kind]))
    tag = ImageTag.parse(image.tag)
    newer = newer_default(image.repository, tag) if tag else None
    if newer:
        yield f"takes the image {image}, older than {newer.repository}:{newer.tag} of {newer.released}"


RULES = (
    Rule(
        name="image-pinned",
        level="mandatory",
        what="An image is named by its full version or its digest.",
        why="A tag like `latest` or `17` is another image tomorrow: an upgrade that nobody decided on.",
        fix="Name the version with all of its numbers, or the digest.",
        kinds=tuple(_PROPERTY),
        find=_moving,
    ),
    Rule(
        name="image-outdated",
        level="advisory",
        what="An image is not older than the newest of its release line in `components/default_images.py`.",
        why="Newer versions of a line are mostly there to close holes that are public by then.",
        fix="Raise the version in the stack file; `make outdated` says what is new in it.",
        kinds=(CONTAINER, REMOTE_IMAGE),
        find=_outdated,
    ),
)
