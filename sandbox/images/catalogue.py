"""Which images the sandbox's registry serves, under which names and versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class ImageSource:
    """One stand-in: a folder of `sandbox/images` that is built, on a Debian release or from scratch."""

    folder: str
    suite: str | None = "trixie"
    """Debian release of its base; None for an image that starts from scratch."""
    dockerfile: str = "Dockerfile"
    programs: Mapping[str, str] = field(default_factory=dict)
    """Path in the build context -> Go package of the folder, built and put there."""
    folders: tuple[str, ...] = ()
    """Empty folders of the build context."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Build arguments."""
    per_version: bool = False
    """The version is a build argument, because the image shows it."""
    module: str = ""
    """Folder of the programs' go.mod within the folder; `{version}` stands for the version."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Go variables that are set when the programs are linked; `{version}` stands for the version."""
    majors: Mapping[str, ImageSource] = field(default_factory=dict)
    """Other stand-ins for some major versions of what is served under the same name."""

    def of(self, version: str) -> ImageSource:
        """The stand-in for that version."""
        return self.majors.get(version.split(".", 1)[0], self)


MACHINE = ImageSource("machine", suite="bookworm")
PREPARED_MACHINE = replace(
    MACHINE,
    arguments={"PACKAGES": "docker.io pigz unattended-upgrades restic jq"},
)
"""A machine that has the packages which the program's scripts install, for tests that are not about that."""
CLOUD = ImageSource("cloud", programs={"s3": "./cmd/s3", "registry": "./cmd/registry"})

_UNDATED = "-o Acquire::Check-Valid-Until=false"
"""Lists of Debian testing expire after a week; a mirror's may be older. Signatures count as ever."""

PYTHON: Mapping[str, ImageSource] = {
    "3.11": ImageSource("python", suite="bookworm", arguments={"VERSION": "3.11", "CLIENT": "docker.io"}),
    "3.13": ImageSource("python", arguments={"VERSION": "3.13"}),
    "3.14": ImageSource("python", suite="testing", arguments={"VERSION": "3.14", "APT": _UNDATED}),
    "3.15": ImageSource("python", suite="testing", arguments={"VERSION": "3.15", "APT": _UNDATED}),
}
"""Version of Python -> Debian with it, to run Homeport's own tests in (tools/python_container.py)."""

_MATTERMOST_TEAM = ImageSource(
    "mattermost",
    suite=None,
    arguments={"EDITION": "team"},
    programs={
        "root/mattermost/bin/mattermost": "./cmd/mattermost",
        "root/mattermost/bin/mmctl": "./cmd/mmctl",
    },
    folders=(
        *(f"root/mattermost/{name}" for name in ("data", "logs", "config", "plugins", "client/plugins")),
        *("root/tmp", "root/var/tmp"),
    ),
    per_version=True,
)
_MATTERMOST_ENTERPRISE = replace(_MATTERMOST_TEAM, arguments={"EDITION": "enterprise"})

_MASTODON = ImageSource("mastodon", programs={"mastodon": "./cmd/mastodon"}, per_version=True)
_MASTODON_STREAMING = ImageSource(
    "mastodon", dockerfile="Dockerfile.streaming", programs={"node": "./cmd/streaming"}, per_version=True
)
_MASTODON_VERSIONS = ("v4.3.0", "v4.6.0", "v4.7.3", "v4.7.4")

_MINIFLUX = ImageSource(
    "miniflux",
    programs={"miniflux": "miniflux.app/v2"},
    per_version=True,
    module="{version}",
    variables={"miniflux.app/v2/internal/version.Version": "{version}"},
)
"""Not a stand-in: the application itself, built from its Go module."""

_POSTGRES = ImageSource(
    "postgres",
    arguments={"MAJOR": "17"},
    majors={
        "15": ImageSource("postgres", suite="bookworm", arguments={"MAJOR": "15"}),
        # Since 18 the official image keeps its data one folder up.
        "18": ImageSource(
            "postgres",
            arguments={
                "MAJOR": "18",
                "DATA": "/var/lib/postgresql/18/docker",
                "MOUNT": "/var/lib/postgresql",
                "RELEASE": "testing",
            },
        ),
    },
)

PUBLISHED: Mapping[str, tuple[ImageSource, tuple[str, ...]]] = {
    "mattermost/mattermost-team-edition": (_MATTERMOST_TEAM, ("10.12.0", "11.7.0", "11.11.0", "11.11.1")),
    "mattermost/mattermost-enterprise-edition": (_MATTERMOST_ENTERPRISE, ("11.7.0", "11.11.1")),
    "mastodon/mastodon": (_MASTODON, _MASTODON_VERSIONS),
    "mastodon/mastodon-streaming": (_MASTODON_STREAMING, _MASTODON_VERSIONS),
    "miniflux/miniflux": (_MINIFLUX, ("2.3.3", "2.3.5")),
    "library/postgres": (_POSTGRES, ("15.14", "17.10", "17.11", "18.6")),
    "library/nginx": (
        # Debian's current release has nginx 1.26, which does not know `keepalive_min_timeout` (1.27.4).
        ImageSource("nginx", arguments={"RELEASE": "testing"}),
        ("1.30.5", "1.31.6"),
    ),
    "library/redis": (ImageSource("redis", arguments={"SERVER": "redis"}), ("7.4.11", "8.2.10")),
    "valkey/valkey": (ImageSource("redis", arguments={"SERVER": "valkey"}), ("8.1.10", "9.0.6")),
    "prom/node-exporter": (ImageSource("exporters", dockerfile="Dockerfile.node"), ("v1.12.1",)),
    "prometheuscommunity/postgres-exporter": (
        ImageSource("exporters", dockerfile="Dockerfile.postgres"),
        ("v0.20.1",),
    ),
    "nginxproxy/nginx-proxy": (
        ImageSource("edge", dockerfile="Dockerfile.dockergen", programs={"docker-gen": "./cmd/docker-gen"}),
        ("1.11.6-dockergen",),
    ),
    "nginxproxy/acme-companion": (
        ImageSource(
            "edge",
            dockerfile="Dockerfile.companion",
            programs={"acme-companion": "./cmd/acme-companion"},
        ),
        ("2.8.2",),
    ),
}
"""Repository in its registry -> the stand-in and the versions served. Any other is unknown."""
