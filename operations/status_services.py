"""Whether every service runs as it should: the state's containers beside the machine's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from operations.status_facts import Attention, ServiceFact
from operations.status_machine_report import Container, DockerReport
from operations.status_place import Place
from operations.status_state import EDGE, RecordedContainer, RecordedState, app_name, service_name

MEMORY_PERCENT = 90
"""Of a container's limit. Above it the next burst ends it: the kernel kills at 100."""

UNKNOWN = "unknown"
"""The app of a container whose labels do not say it."""


@dataclass(frozen=True)
class Services:
    """The services of one stack on one machine."""

    place: Place
    state: RecordedState
    engine: DockerReport
    now: datetime
    """By the machine's clock, as are the containers' times."""

    def facts(self) -> tuple[ServiceFact, ...]:
        """Every service, and every container that the state does not know; the edge comes last."""
        facts = [*self._recorded(), *self._unrecorded()]
        return tuple(sorted(facts, key=lambda fact: (_rank(fact), fact.app, fact.service)))

    def _recorded(self) -> Iterator[ServiceFact]:
        by_id = {container.id: container for container in self.engine.containers}
        by_name = {_name(container): container for container in self.engine.containers}
        for recorded in self.state.containers:
            found = by_id.get(recorded.id) or by_name.get(recorded.name)
            if found:
                yield self._fact(found, recorded)
            elif self.engine.error:
                yield _without_container(recorded, "unknown")
            elif not recorded.leaving:
                yield _without_container(recorded, "missing", self._missing(recorded))

    def _unrecorded(self) -> Iterator[ServiceFact]:
        ids = {recorded.id for recorded in self.state.containers}
        names = {recorded.name for recorded in self.state.containers}
        for container in self.engine.containers:
            if container.id not in ids and _name(container) not in names:
                yield self._fact(container, None)

    def _fact(self, container: Container, recorded: RecordedContainer | None) -> ServiceFact:
        name = _name(container)
        used = {use.id: use.used for use in self.engine.memory}.get(container.id)
        running = container.status == "running"
        fact = ServiceFact(
            app=recorded.app if recorded else app_name(container.labels, otherwise=UNKNOWN),
            service=recorded.service if recorded else service_name(container.labels, name),
            container=name,
            state=(container.health or "running") if running else container.status,
            image=self._image(container),
            memory=used if running else None,
            limit=container.limit or None,
            restarts=container.restarts,
            up=max(0, int((self.now - container.started).total_seconds())) if running else None,
        )
        attention = [*self._of_origin(container, recorded, fact), *self._of_state(container, fact)]
        return fact.model_copy(update={"attention": tuple(attention)})

    def _of_origin(
        self, container: Container, recorded: RecordedContainer | None, fact: ServiceFact
    ) -> Iterator[Attention]:
        title = f"{fact.app}/{fact.service}"
        if recorded is None:
            yield Attention(
                what=f"{title}: Pulumi's state does not know the container {fact.container}",
                do=f"where no update runs just now, {self.place.command(f'docker rm -f {fact.container}')}",
            )
        elif recorded.leaving:
            yield Attention(
                what=f"{title}: the container {fact.container} should be gone, an update ended too early",
                do=self.place.up,
            )
        elif recorded.id != container.id:
            yield Attention(
                what=f"{title}: the container {fact.container} is not the one that Pulumi made",
                do=f"pulumi up --refresh -s {self.place.stack} makes it anew",
            )

    def _of_state(self, container: Container, fact: ServiceFact) -> Iterator[Attention]:
        title = f"{fact.app}/{fact.service}"
        log = self.place.command(f"docker logs --tail 50 {fact.container}")
        killed = ", it was out of memory" if container.out_of_memory else ""
        if fact.state == "restarting":
            yield Attention(
                what=f"{title} ends again and again, exit code {container.exit_code}{killed}",
                do=f"read why, {log}",
            )
        elif fact.state == "unhealthy":
            yield Attention(what=f"{title} is unhealthy", do=f"read why, {log}")
        elif container.status == "paused":
            start = self.place.command(f"docker unpause {fact.container}")
            yield Attention(what=f"{title} is paused", do=start)
        elif container.status != "running":
            start = self.place.command(f"docker start {fact.container}")
            yield Attention(
                what=f"{title} does not run: {container.status}, exit code {container.exit_code}{killed}",
                do=f"{start}; its last words, {log}",
            )
        if fact.memory is not None and fact.limit and fact.memory * 100 > MEMORY_PERCENT * fact.limit:
            percent = fact.memory * 100 // fact.limit
            raised = f"raise its memory in {self.place.settings_file}; " if fact.app != EDGE else ""
            yield Attention(
                what=f"{title} uses {percent} % of the memory that it may use",
                do=f"{raised}its log, {log}",
            )

    def _missing(self, recorded: RecordedContainer) -> Attention:
        return Attention(
            what=f"{recorded.app}/{recorded.service} has no container: {recorded.name} is gone",
            do=f"pulumi up --refresh -s {self.place.stack} makes it anew",
        )

    def _image(self, container: Container) -> str:
        tags = {image.id: image.tags or [] for image in self.engine.images}.get(container.image, [])
        return tags[0] if tags else container.image


def _without_container(
    recorded: RecordedContainer, state: str, attention: Attention | None = None
) -> ServiceFact:
    return ServiceFact(
        app=recorded.app,
        service=recorded.service,
        container=recorded.name,
        state=state,
        attention=(attention,) if attention else (),
    )


def _rank(fact: ServiceFact) -> int:
    return {EDGE: 1, UNKNOWN: 2}.get(fact.app, 0)


def _name(container: Container) -> str:
    return container.name.removeprefix("/")
