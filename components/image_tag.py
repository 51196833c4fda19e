"""The tag of a container image, taken apart so that two of them can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAG = re.compile(r"(?P<prefix>v?)(?P<numbers>\d+(\.\d+)+)(?P<rest>([-_+][0-9A-Za-z._+-]+)?)")
_PRE_RELEASE = re.compile(
    r"(rc|alpha|beta|pre|preview|dev|m|milestone|nightly|snapshot|canary|test)[.\d]*", re.IGNORECASE
)
"""A part of a tag that says that the version is not released yet; `m03` is a milestone of Redis."""


@dataclass(frozen=True)
class ImageTag:
    """A tag that names a version: `17.11`, `v4.7.4`, `1.11.6-dockergen`, `8.2.10-alpine`."""

    text: str
    prefix: str
    """`v` or nothing."""
    numbers: tuple[int, ...]
    variant: str
    """What else distinguishes the image: `-alpine`; nothing where the tag is the version alone."""
    pre_release: bool
    """A release candidate, a beta, a milestone."""

    @classmethod
    def parse(cls, text: str) -> ImageTag | None:
        """None for a tag without a version of two numbers at least: `latest`, `17`, `bookworm-20250407`."""
        found = _TAG.fullmatch(text)
        if not found:
            return None
        parts = re.split(r"(?=[-_+])", found["rest"])
        early = [part for part in parts if _PRE_RELEASE.fullmatch(part[1:])]
        return cls(
            text=text,
            prefix=found["prefix"],
            numbers=tuple(int(number) for number in found["numbers"].split(".")),
            variant="".join(part for part in parts if part not in early),
            pre_release=bool(early),
        )

    @property
    def version(self) -> str:
        """The numbers with their dots."""
        return ".".join(map(str, self.numbers))

    def is_comparable(self, other: ImageTag) -> bool:
        """Whether the two differ in their version only: `8.2` is no older `8.2.10`, but a tag that moves."""
        return (self.prefix, self.variant, len(self.numbers)) == (
            other.prefix,
            other.variant,
            len(other.numbers),
        )

    def is_older(self, other: ImageTag) -> bool:
        """Whether the other is a newer version of the same image. A pre-release is older than its release."""
        own, others = (self.numbers, not self.pre_release), (other.numbers, not other.pre_release)
        return self.is_comparable(other) and own < others

    def line(self, numbers: int) -> tuple[int, ...]:
        """The release line: so many of the first numbers, at least one less than there are."""
        return self.numbers[: min(numbers, len(self.numbers) - 1)]


@dataclass(frozen=True)
class ImageReference:
    """The name of an image, as Docker is told it: `ghcr.io/mastodon/mastodon:v4.7.4`."""

    repository: str
    """The repository, with its registry's name where it has one; without `docker.io/` and `library/`."""
    tag: str
    """`latest` where neither a tag nor a digest is given; nothing with a digest alone."""
    digest: str = ""
    """`sha256:...`, where the image is pinned by it."""

    @classmethod
    def parse(cls, text: str) -> ImageReference:
        """Take a reference apart."""
        name, _, digest = text.partition("@")
        # A colon before the last slash is that of the registry's port.
        folder, slash, last = name.rpartition("/")
        last, _, tag = last.partition(":")
        repository = f"{folder}{slash}{last}"
        for implied in ("docker.io/", "library/"):
            repository = repository.removeprefix(implied)
        return cls(repository, tag or ("" if digest else "latest"), digest)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}" + (f"@{self.digest}" if self.digest else "")
