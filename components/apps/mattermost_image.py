"""The image of a Mattermost: the published one, or one built on the machine."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from components.apps.build_context import folder_digest
from components.domain import Settings
from components.workload import BuiltImage, Image, PublishedImage

_CONTEXT = Path(__file__).parent / "images" / "mattermost"
_PUBLISHED_UID = 2000


class BuildSettings(Settings):
    """Build an image of one's own on the machine, from the published one."""

    uid: int = Field(default=2000, ge=1000, le=65533)
    """User and group that the server runs as and that its files belong to."""


class ImageSettings(Settings):
    """Where the image comes from; left out, the published one is used."""

    build: BuildSettings
    """What to build; `build: {}` takes all defaults."""


def uid(settings: ImageSettings | None) -> int:
    """User and group that the server runs as."""
    return settings.build.uid if settings else _PUBLISHED_UID


def server_image(settings: ImageSettings | None, edition: str, version: str) -> Image:
    """What the server is started from."""
    published = f"mattermost/mattermost-{edition}-edition:{version}"
    if settings is None:
        return PublishedImage(published)
    return BuiltImage(
        name=f"homeport/mattermost-{edition}",
        version=version,
        context=_CONTEXT,
        digest=folder_digest(_CONTEXT),
        arguments=(("EDITION", edition), ("VERSION", version), ("UID", str(uid(settings)))),
        base=published,
    )
