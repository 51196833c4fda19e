"""The Redis, or Valkey, that an app has to itself: a queue whose entries must not be lost."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.confinement import Confinement
from components.default_images import default_version
from components.domain import FullVersion, Settings, major
from components.workload import (
    GeneratedPassword,
    Health,
    Memory,
    Mount,
    PublishedImage,
    RedisQueue,
    Service,
    Volume,
    text,
)

PASSWORD = GeneratedPassword("redis-password")
PORT = 6379
_USER = "999:999"
"""`redis` and `valkey` in the official Debian images. Started with `--user`, their entry points hand the data
to nobody, so the volume's owner is set before."""
_OLDEST = 7
"""Mastodon 4.5 refuses anything older (its release notes)."""
_IMAGES = {"redis": "redis", "valkey": "valkey/valkey"}


def _supported(version: str | None) -> str | None:
    if version is not None and major(version) < _OLDEST:
        raise ValueError(f"{_OLDEST}.0 or newer: Mastodon refuses anything older")
    return version


class RedisSettings(Settings):
    """The server that holds one app's queues and caches."""

    engine: Literal["redis", "valkey"] = "redis"
    """`valkey` is the fork under a free licence. Later: the other engine starts with an empty volume, as
    neither reads what the other one's newer versions wrote; queued work is lost, the old volume stays."""
    version: Annotated[FullVersion | None, AfterValidator(_supported)] = None
    """Tag of the image, 7.0 or newer; left out, the first of the engine in
    [default_images.py](../components/default_images.py). Later: the app stops for some seconds; an older
    version does not read a newer one's data."""
    memory: int = Field(default=64, ge=32)
    """MiB that data may take; also the limit of its RAM. Full, it refuses writes: queued work is never
    thrown away."""
    swap: int = Field(default=64, ge=16)
    """MiB of swap beyond that, for what the server needs besides the data."""


def redis(settings: RedisSettings) -> Service:
    """The service. Its app reaches it as `redis` on `PORT`, with `PASSWORD`."""
    image = _IMAGES[settings.engine]
    version = settings.version or default_version(image)
    options = (
        # Every write is in the file within a second: queued work survives a crash.
        "--appendonly yes --appendfsync everysec"
        f" --maxmemory {settings.memory}mb --maxmemory-policy noeviction"
    )
    # The entry point sets a narrow umask only where it sees the server's name, so it must run inside the
    # shell; the shell is there because a container's command is readable where its variables are.
    server = f'exec docker-entrypoint.sh {settings.engine}-server {options} --requirepass "$REDIS_PASSWORD"'
    return Service(
        name="redis",
        image=PublishedImage(f"{image}:{version}"),
        environment={
            "REDIS_PASSWORD": text(PASSWORD),
            # The client reads it, which keeps the password out of the health check.
            "REDISCLI_AUTH": text(PASSWORD),
        },
        command=("sh", "-c", server),
        mounts=(Mount(Volume(settings.engine, owner=_USER), "/data"),),
        # All it writes is in /data.
        confinement=Confinement(user=_USER),
        # Both images have the client under this name. While it loads its file it answers with an error.
        health=Health(("sh", "-c", "redis-cli ping | grep -q PONG"), interval=2, start_period=60),
        memory=Memory(settings.memory, settings.swap),
        stateful=True,
        stop=30,
    )


def redis_queue(settings: RedisSettings) -> RedisQueue:
    """What is saved of it."""
    return RedisQueue("redis", settings.engine)
