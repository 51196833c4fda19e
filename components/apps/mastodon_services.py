"""Mastodon's own processes. Commands and checks are those of its compose file and its Helm chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from components.apps.mastodon_processes import Profile
from components.confinement import Confinement, MemoryFolder
from components.workload import (
    EnvironmentValue,
    Health,
    Memory,
    MetricsPage,
    Mount,
    PublishedImage,
    Route,
    Service,
    Volume,
)

_WEB_PORT = 3000
_STREAMING_PORT = 4000
_STREAMING_PATH = "/api/v1/streaming"
_COLLECTOR, _COLLECTOR_PORT = "collector", 9394
_USER = "991:991"
"""Of both images, in their Dockerfiles."""
_SYSTEM = Mount(Volume("system", owner=_USER), "/opt/mastodon/public/system")
_TMP = (MemoryFolder("/tmp", size=16),)
_SCRATCH = ("/tmp", "/opt/mastodon/tmp")
"""What web and sidekiq write beside that: an upload and all that is made of it are in /tmp, a film of 99 MiB
several times, so it must not be memory; bootsnap's cache and the file that says sidekiq has started
(config/initializers/sidekiq.rb) are in the other. The images' user owns nothing else (mastodon#26850)."""
_BACKENDS = ("postgres", "redis")
_BOOT = 300
"""Seconds that a small machine may need to load Mastodon."""


@dataclass(frozen=True)
class MastodonServices:
    """Web, streaming, sidekiq and what collects their metrics, of one Mastodon."""

    version: str
    profile: Profile
    hostname: str
    domain: str
    """In the accounts' names; where it is another name than the host's, it is redirected there."""
    url: str
    upload_limit: int
    """MiB."""
    files_on_disk: bool
    shared: Mapping[str, EnvironmentValue]
    """What all three read."""
    rails: Mapping[str, EnvironmentValue]
    """What web and sidekiq read besides."""
    own: Mapping[str, str]
    """The user's variables; they win."""
    own_secrets: Mapping[str, EnvironmentValue]
    """The user's variables with a secret. Only web and sidekiq get them: streaming calls nobody."""
    collector: Memory | None
    """What the collector of metrics may use; None for no metrics."""

    @property
    def web(self) -> Service:
        """What answers browsers, apps and other servers."""
        return Service(
            name="web",
            image=self._image("mastodon"),
            confinement=Confinement(user=_USER, scratch=_SCRATCH),
            environment=self._rails_environment(
                {
                    "WEB_CONCURRENCY": str(self.profile.web_workers),
                    "MAX_THREADS": str(self.profile.web_threads),
                }
            ),
            command=("bundle", "exec", "puma", "-C", "config/puma.rb"),
            mounts=self._mounts,
            health=_answers(_WEB_PORT, "/health"),
            startup=2 * _BOOT,
            memory=self.profile.web,
            machine_roots=True,
            after=_BACKENDS,
            routes=self._web_routes(),
            stop=30,
        )

    @property
    def streaming(self) -> Service:
        """What tells clients at once what is new."""
        return Service(
            name="streaming",
            image=self._image("mastodon-streaming"),
            confinement=Confinement(user=_USER, memory_folders=_TMP),
            environment={**self.shared, **self.own},
            command=("node", "./streaming/index.js"),
            health=_answers(_STREAMING_PORT, f"{_STREAMING_PATH}/health"),
            startup=_BOOT,
            memory=self.profile.streaming,
            after=_BACKENDS,
            # It serves them always, on the port where it also serves clients.
            metrics=(MetricsPage(_STREAMING_PORT, name="streaming"),) if self.collector else (),
            routes=(
                Route(
                    self.hostname,
                    _STREAMING_PORT,
                    path=_STREAMING_PATH,
                    upload_limit=self.upload_limit,
                    # The host's directives do not hold here. Events must not wait for a full buffer.
                    location=("proxy_buffering off", "proxy_read_timeout 600s"),
                ),
            ),
        )

    @property
    def sidekiq(self) -> Service:
        """What works in the background: federation, mail, pictures."""
        return Service(
            name="sidekiq",
            image=self._image("mastodon"),
            confinement=Confinement(user=_USER, scratch=_SCRATCH),
            environment=self._rails_environment({"SIDEKIQ_CONCURRENCY": str(self.profile.sidekiq_threads)}),
            command=("bundle", "exec", "sidekiq"),
            mounts=self._mounts,
            # It listens nowhere. It calls itself `sidekiq 8.1.6 mastodon [0 of 5 busy]` once it takes jobs.
            health=Health(
                ("sh", "-c", "ps -A -o args | grep -q '^sidekiq [0-9]'"), interval=5, start_period=_BOOT
            ),
            startup=2 * _BOOT,
            memory=self.profile.sidekiq,
            machine_roots=True,
            after=_BACKENDS,
            egress=True,
            # It gives running jobs 25 s to end.
            stop=30,
        )

    @property
    def collectors(self) -> tuple[Service, ...]:
        """What web and sidekiq send their metrics to; there is one, or none.

        A page of their own would not do for web, which is several processes.
        """
        if self.collector is None:
            return ()
        address = ("--bind", "0.0.0.0", "--port", str(_COLLECTOR_PORT))  # noqa: S104  of its container
        collector = Service(
            name=_COLLECTOR,
            image=self._image("mastodon"),
            # Its program loads no Rails.
            confinement=Confinement(user=_USER, memory_folders=_TMP),
            environment={"MALLOC_ARENA_MAX": str(self.profile.malloc_arenas)},
            command=("./bin/prometheus_exporter", *address),
            health=_answers(_COLLECTOR_PORT, "/ping"),
            startup=_BOOT,
            memory=self.collector,
            metrics=(MetricsPage(_COLLECTOR_PORT, name="rails"),),
        )
        return (collector,)

    def _web_routes(self) -> tuple[Route, ...]:
        # An upload is answered once it has been looked into, which takes long on a small machine.
        location = ("proxy_read_timeout 180s",)
        routes = [Route(self.hostname, _WEB_PORT, upload_limit=self.upload_limit, location=location)]
        if self.domain != self.hostname:
            # Scripts in browsers look up accounts at the domain, and follow only with this header.
            cors = ("add_header Access-Control-Allow-Origin *",)
            routes.append(Route(self.domain, _WEB_PORT, location=cors, redirect=self.url))
        return tuple(routes)

    def _rails_environment(self, process: Mapping[str, str]) -> dict[str, EnvironmentValue]:
        return {
            **self.shared,
            "RAILS_ENV": "production",
            "RAILS_SERVE_STATIC_FILES": "true",
            "MALLOC_ARENA_MAX": str(self.profile.malloc_arenas),
            **self.rails,
            **self._collected,
            **process,
            **self.own,
            **self.own_secrets,
        }

    @property
    def _collected(self) -> dict[str, EnvironmentValue]:
        if self.collector is None:
            return {}
        return {
            "MASTODON_PROMETHEUS_EXPORTER_ENABLED": "true",
            "PROMETHEUS_EXPORTER_HOST": _COLLECTOR,
            "PROMETHEUS_EXPORTER_PORT": str(_COLLECTOR_PORT),
        }

    @property
    def _mounts(self) -> tuple[Mount, ...]:
        return (_SYSTEM,) if self.files_on_disk else ()

    def _image(self, name: str) -> PublishedImage:
        return PublishedImage(f"ghcr.io/mastodon/{name}:v{self.version}")


def _answers(port: int, path: str) -> Health:
    url = f"http://127.0.0.1:{port}{path}"
    command = ("curl", "--fail", "--silent", "--noproxy", "*", "--output", "/dev/null", url)
    return Health(command, interval=5, start_period=_BOOT)
