"""Which version of each image a stack gets that names none, and the newest of other lines known by then.

The only file of components and stacks that holds the version of an image. Renovate raises it (renovate.json);
how to review that: docs/operations.md, Updating images. Each date is the day of the release, as its release
notes say. First looked up in November 2026: nginx/docker-nginx#1062, docker-library/official-images#22048
(PostgreSQL) and #22312 (Redis), the release notes of Valkey, and the tags of the repositories of nginx-proxy,
acme-companion and the exporters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from components.image_tag import ImageTag


@dataclass(frozen=True)
class DefaultImage:
    """The newest image of a release line that was known on its day."""

    repository: str
    tag: str
    released: str
    """ISO 8601. Renovate empties it: whoever reviews its proposal reads the release notes and writes it."""

    @property
    def parsed(self) -> ImageTag:
        """The tag taken apart. Raises `ValueError` where it names no version."""
        tag = ImageTag.parse(self.tag)
        if tag is None:
            raise ValueError(f"{self.repository}:{self.tag} names no version")
        return tag

    @property
    def release_date(self) -> date:
        """The day of the release. Raises `ValueError` where nobody has written it."""
        return date.fromisoformat(self.released)

    @property
    def release_notes(self) -> str:
        """Where the publisher says what is new in it."""
        return release_notes(self.repository, self.parsed)


# One line each, as renovate.json finds them so. Of several lines of an image, the first is the default.
DEFAULT_IMAGES = (
    # Mainline, as nginx-proxy's own; 1.30 is the stable line.
    DefaultImage("nginx", "1.31.6", "2026-09-15"),
    DefaultImage("nginx", "1.30.5", "2026-09-15"),
    DefaultImage("nginxproxy/nginx-proxy", "1.11.6-dockergen", "2026-07-16"),
    DefaultImage("nginxproxy/acme-companion", "2.8.2", "2026-07-17"),
    # An older line does not read the data of a newer one, so nobody gets back: the default stays on its line
    # until somebody decides about the next.
    DefaultImage("postgres", "17.11", "2026-08-13"),
    DefaultImage("postgres", "14.24", "2026-08-13"),
    DefaultImage("postgres", "15.19", "2026-08-13"),
    DefaultImage("postgres", "16.15", "2026-08-13"),
    DefaultImage("postgres", "18.6", "2026-08-13"),
    DefaultImage("redis", "8.2.10", "2026-09-18"),
    DefaultImage("redis", "8.6.7", "2026-09-18"),
    DefaultImage("redis", "8.8.3", "2026-09-18"),
    DefaultImage("redis", "8.10.2", "2026-09-18"),
    DefaultImage("valkey/valkey", "9.0.6", "2026-09-01"),
    DefaultImage("valkey/valkey", "9.1.2", "2026-09-01"),
    DefaultImage("prom/node-exporter", "v1.12.1", "2026-07-14"),
    DefaultImage("prometheuscommunity/postgres-exporter", "v0.20.1", "2026-07-07"),
)

NGINX_PROXY_BASE = ("1.11.6-dockergen", "1.31.3")
"""A tag of nginx-proxy, and the nginx that its template is made for: the default is not older.
https://github.com/nginx-proxy/nginx-proxy/blob/1.11.6/Dockerfile.debian has it in its last `FROM`."""

_GITHUB = "https://github.com"
RELEASE_NOTES: Mapping[str, str] = {
    "nginx": f"{_GITHUB}/nginx/nginx/releases/tag/release-{{version}}",
    "nginxproxy/nginx-proxy": f"{_GITHUB}/nginx-proxy/nginx-proxy/releases/tag/{{version}}",
    "nginxproxy/acme-companion": f"{_GITHUB}/nginx-proxy/acme-companion/releases/tag/v{{version}}",
    "postgres": "https://www.postgresql.org/docs/release/{version}/",
    "redis": f"{_GITHUB}/redis/redis/releases/tag/{{version}}",
    "valkey/valkey": f"{_GITHUB}/valkey-io/valkey/releases/tag/{{version}}",
    "prom/node-exporter": f"{_GITHUB}/prometheus/node_exporter/releases/tag/v{{version}}",
    "prometheuscommunity/postgres-exporter": (
        f"{_GITHUB}/prometheus-community/postgres_exporter/releases/tag/v{{version}}"
    ),
    "mattermost/mattermost-team-edition": f"{_GITHUB}/mattermost/mattermost/releases/tag/v{{version}}",
    "mattermost/mattermost-enterprise-edition": f"{_GITHUB}/mattermost/mattermost/releases/tag/v{{version}}",
    "ghcr.io/mastodon/mastodon": f"{_GITHUB}/mastodon/mastodon/releases/tag/v{{version}}",
    "ghcr.io/mastodon/mastodon-streaming": f"{_GITHUB}/mastodon/mastodon/releases/tag/v{{version}}",
}
"""Repository -> address of a version's release notes, `{version}` in place of its numbers."""

_LINE_NUMBERS = {
    "nginx": 2,
    "redis": 2,
    "valkey/valkey": 2,
    "ghcr.io/mastodon/mastodon": 2,
    "ghcr.io/mastodon/mastodon-streaming": 2,
}
"""Repository -> how many numbers of a version name its line, where that is not the major version alone: the
publisher goes on with fixes for 8.2 while there is 8.10."""


def default_version(repository: str) -> str:
    """The version of an image that a stack gets which names none."""
    return next(_lines(repository)).parsed.version


def default_tag(repository: str) -> str:
    """The whole tag of that version."""
    return next(_lines(repository)).tag


def line_numbers(repository: str) -> int:
    """How many of a version's numbers name its release line: 1 for the major version."""
    return _LINE_NUMBERS.get(repository, 1)


def newer_default(repository: str, tag: ImageTag) -> DefaultImage | None:
    """The image of the list that should be in place of this one; None where none is newer.

    It is the newest of its release line, or of all lines where the list does not have that line.
    """
    numbers = line_numbers(repository)
    comparable = [image for image in _lines(repository) if tag.is_comparable(image.parsed)]
    line = [image for image in comparable if image.parsed.line(numbers) == tag.line(numbers)]
    newest = max(line or comparable, key=lambda image: image.parsed.numbers, default=None)
    return newest if newest and tag.is_older(newest.parsed) else None


def release_notes(repository: str, tag: ImageTag) -> str:
    """Where to read what is new in a version: its publisher's page, else that of the image."""
    if known := RELEASE_NOTES.get(repository):
        return known.format(version=tag.version)
    registry, _, name = repository.partition("/")
    if registry == "ghcr.io":
        owner, _, project = name.partition("/")
        return f"{_GITHUB}/{owner}/{project.split('/')[0]}/releases"
    if "." in registry or ":" in registry or registry == "localhost":
        return f"https://{repository}"
    return f"https://hub.docker.com/{'r/' if '/' in repository else '_/'}{repository}/tags"


def _lines(repository: str) -> Iterator[DefaultImage]:
    return (image for image in DEFAULT_IMAGES if image.repository == repository)
