"""How large Mastodon's processes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import Field

from components.domain import Settings
from components.workload import Memory


class WebProcessSettings(Settings):
    """The process that answers browsers, apps and other servers. What is left out is the profile's."""

    workers: int | None = Field(default=None, ge=0, le=32)
    """Processes of it (`WEB_CONCURRENCY`); 0 is one without a parent, which needs the least memory."""
    threads: int | None = Field(default=None, ge=1, le=32)
    """Requests that each answers at the same time (`MAX_THREADS`)."""
    memory: int | None = Field(default=None, ge=320)
    """MiB of RAM for all of them."""
    swap: int | None = Field(default=None, ge=0)
    """MiB of swap beyond that."""


class StreamingProcessSettings(Settings):
    """The process that tells clients what is new. What is left out is the profile's."""

    memory: int | None = Field(default=None, ge=96)
    """MiB of RAM it may use."""
    swap: int | None = Field(default=None, ge=0)
    """MiB of swap beyond that."""


class SidekiqProcessSettings(Settings):
    """The process for work in the background. What is left out is the profile's."""

    threads: int | None = Field(default=None, ge=1, le=50)
    """Jobs that run at the same time (`SIDEKIQ_CONCURRENCY`)."""
    memory: int | None = Field(default=None, ge=256)
    """MiB of RAM it may use."""
    swap: int | None = Field(default=None, ge=0)
    """MiB of swap beyond that. Administration runs in the same container and loads Mastodon once more."""


ProfileName: TypeAlias = Literal["micro", "small"]


@dataclass(frozen=True)
class Profile:
    """Every number there is. Memory is in MiB."""

    web_workers: int
    web_threads: int
    web: Memory
    streaming: Memory
    sidekiq_threads: int
    sidekiq: Memory
    malloc_arenas: int

    def changed(
        self,
        web: WebProcessSettings,
        streaming: StreamingProcessSettings,
        sidekiq: SidekiqProcessSettings,
        malloc_arenas: int | None,
    ) -> Profile:
        """It with the numbers that the settings name."""
        return Profile(
            web_workers=_chosen(web.workers, self.web_workers),
            web_threads=_chosen(web.threads, self.web_threads),
            web=Memory(_chosen(web.memory, self.web.limit), _chosen(web.swap, self.web.swap)),
            streaming=Memory(
                _chosen(streaming.memory, self.streaming.limit), _chosen(streaming.swap, self.streaming.swap)
            ),
            sidekiq_threads=_chosen(sidekiq.threads, self.sidekiq_threads),
            sidekiq=Memory(
                _chosen(sidekiq.memory, self.sidekiq.limit), _chosen(sidekiq.swap, self.sidekiq.swap)
            ),
            malloc_arenas=_chosen(malloc_arenas, self.malloc_arenas),
        )


PROFILES: dict[ProfileName, Profile] = {
    "micro": Profile(
        web_workers=0,
        web_threads=3,
        web=Memory(384, 512),
        streaming=Memory(128, 128),
        sidekiq_threads=3,
        sidekiq=Memory(320, 768),
        malloc_arenas=2,
    ),
    "small": Profile(
        web_workers=2,
        web_threads=5,
        web=Memory(704, 512),
        streaming=Memory(160, 128),
        sidekiq_threads=5,
        sidekiq=Memory(480, 768),
        malloc_arenas=2,
    ),
}
"""For 1 GiB with swap, and for 2 GiB. Idle, others measured 458 MiB for web with two workers, 123 for
streaming and 307 for sidekiq (4.7.2)."""


def _chosen(own: int | None, default: int) -> int:
    return default if own is None else own
