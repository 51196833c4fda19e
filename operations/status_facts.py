"""What `make status` found out: one object, printed as a screen or as JSON.

`docs/operations.md` describes its JSON; a change here is a change there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Fact(BaseModel):
    """A part of it, camelCase in JSON."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Attention(Fact):
    """Something that is not well."""

    what: str
    do: str
    """What to do about it."""


class Judged(Fact):
    """A fact that may need attention."""

    attention: tuple[Attention, ...] = ()


class ServiceFact(Judged):
    """One container of a service, or a service without one."""

    app: str
    """`edge` for what is between the internet and the apps."""
    service: str
    container: str
    """Its name on the machine."""
    state: str
    """`healthy`, `starting`, `unhealthy`, `running` where it has no health check, else Docker's word for a
    container that does not run; `missing`, or `unknown` where the Docker engine does not answer."""
    image: str | None = None
    memory: int | None = None
    """Bytes in use; None where it does not run."""
    limit: int | None = None
    """Bytes."""
    restarts: int | None = None
    up: int | None = None
    """Seconds; None where it does not run."""


class CertificateFact(Judged):
    """The certificate that the machine shows for a host name."""

    hostname: str
    expires: datetime | None = None
    days: int | None = None
    """Whole days left; negative when it is over."""
    issuer: str | None = None
    trusted: bool | None = None
    """Whether it chains to a root; None where no root is known that it should chain to."""


class NameFact(Judged):
    """What a name resolves to."""

    name: str
    type: Literal["A", "AAAA"]
    expected: tuple[str, ...]
    found: tuple[str, ...] | None
    """None where the resolver did not answer."""


class SpaceFact(Judged):
    """A disk or the swap space, in bytes."""

    name: Literal["data disk", "boot disk", "swap"]
    used: int
    total: int
    """0: there is none."""


class MachineFact(Judged):
    """The machine itself."""

    up: int
    """Seconds since it booted."""
    docker: str | None
    """The engine's version; None where it does not answer."""
    spaces: tuple[SpaceFact, ...]
    failed_units: tuple[str, ...]
    restart_packages: tuple[str, ...] | None
    """Packages whose update waits for a restart of the machine; None where none does."""


class SuccessFact(Fact):
    """A run that was well."""

    time: AwareDatetime
    snapshot: str | None = None


class RunFact(Fact):
    """One run of the backup, or of the restore that verifies it."""

    time: AwareDatetime
    ok: bool
    snapshot: str | None = None
    bytes: int | None = None
    seconds: float | None = None
    error: str | None = None
    last_success: SuccessFact | None = None
    """The last run that was well, which may be this one."""

    @property
    def success(self) -> SuccessFact | None:
        """The last run that was well, this one included."""
        return SuccessFact(time=self.time, snapshot=self.snapshot) if self.ok else self.last_success


class BackupFact(Judged):
    """The backups of a stack that has some."""

    last: RunFact | None
    """None: never, or not readable."""
    verified: RunFact | None
    overdue_after: int
    """Seconds after which a backup is overdue."""


class ChangeFact(Fact):
    """A resource that is not as the state says."""

    operation: str
    """`changed`, `gone`, or `remade`: a container is gone, and another one has its name."""
    resource: str
    properties: tuple[str, ...] = ()


class DriftFact(Judged):
    """State and world compared."""

    checked: bool
    changes: tuple[ChangeFact, ...] = ()


class StatusFacts(Fact):
    """Everything. `exit_status` 0: all is well; 1: something needs attention; 2: could not look."""

    stack: str
    time: datetime
    """The time by this computer's clock, in UTC."""
    address: str | None = None
    shell: str = ""
    """What the operator types to get onto the machine; nothing where it is this computer."""
    machine: MachineFact | None = None
    """None: it could not be asked."""
    services: tuple[ServiceFact, ...] = ()
    certificates: tuple[CertificateFact, ...] = ()
    names: tuple[NameFact, ...] = ()
    backup: BackupFact | None = None
    """None: no backups configured, or the machine could not be asked."""
    backup_configured: bool = False
    drift: DriftFact = DriftFact(checked=False)
    update: Judged = Judged()
    """What the last update left undone."""
    could_not_look: Attention | None = None
    """Why the stack or its machine could not be asked."""

    @property
    def attention(self) -> tuple[Attention, ...]:
        """All that is not well, in the order of the screen."""
        return tuple(self._attention())

    @property
    def exit_status(self) -> int:
        """See the class."""
        if self.could_not_look:
            return 2
        return 1 if self.attention else 0

    def _attention(self) -> Iterator[Attention]:
        if self.could_not_look:
            yield self.could_not_look
        for service in self.services:
            yield from service.attention
        yield from self.update.attention
        for certificate in self.certificates:
            yield from certificate.attention
        if self.machine:
            yield from self.machine.attention
            for space in self.machine.spaces:
                yield from space.attention
        if self.backup:
            yield from self.backup.attention
        for name in self.names:
            yield from name.attention
        yield from self.drift.attention

    def as_json(self) -> str:
        """The documented JSON object."""
        facts = self.model_dump(mode="json", by_alias=True)
        attention = [each.model_dump(mode="json", by_alias=True) for each in self.attention]
        return json.dumps({"exitStatus": self.exit_status, **facts, "allAttention": attention}, indent=2)
