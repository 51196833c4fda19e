"""What `status.sh` prints: a machine as it is at one moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

_SIZE = re.compile(r"([0-9.]+) ?([kKMGT]?i?)B")
_FACTORS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BINARY_FACTORS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_FRACTION = re.compile(r"(\.\d{6})\d+")


class Part(BaseModel):
    """A part of the report. Unknown keys are passed over: a later script may say more."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


def _moment(value: object) -> object:
    # Docker tells nanoseconds, which Python has no place for.
    return _FRACTION.sub(r"\1", value) if isinstance(value, str) else value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""A time with its zone."""


class Disk(Part):
    """A file system, in bytes; `total` is what may be used in all."""

    path: str
    used: int
    total: int
    mounted: bool
    """False where only the folder is there and the file system is another's."""


class Swap(Part):
    """Bytes; `total` is 0 where there is none."""

    used: int
    total: int


class Container(Part):
    """A container of the deployment, in Docker's words."""

    id: str
    name: str
    labels: Mapping[str, str]
    image: str
    """Its id."""
    status: str
    health: str | None
    exit_code: int
    out_of_memory: bool
    restarts: int
    """By Docker, since it was made or last started by hand."""
    started: Moment
    finished: Moment
    limit: int
    """Bytes of memory; 0 for no limit."""


class LocalImage(Part):
    """An image on the machine and its references."""

    id: str
    tags: list[str] | None


class MemoryUse(Part):
    """What `docker stats` says of a container: `12.3MiB / 64MiB`."""

    id: str
    usage: str

    @property
    def used(self) -> int | None:
        """Bytes; None where Docker does not know."""
        return parsed_size(self.usage.partition("/")[0].strip())


class DockerReport(Part):
    """The Docker engine; `error` is what it said where it did not answer."""

    version: str | None
    error: str | None
    containers: list[Container]
    images: list[LocalImage]
    memory: list[MemoryUse]


class BackupFiles(Part):
    """What the backups left on the machine: the text of two files, and the timer's longest pause."""

    last: str | None
    verified: str | None
    pause: int | None
    """Seconds."""


class MachineReport(Part):
    """The whole of it."""

    time: Moment
    up: int
    """Seconds since it booted."""
    boot: Disk | None
    data: Disk | None
    swap: Swap
    engine: DockerReport
    failed_units: list[str]
    restart_packages: list[str] | None
    """Updates that wait for a restart of the machine; None where none does."""
    backup: BackupFiles


def parsed_size(text: str) -> int | None:
    """Bytes of a size as Docker writes it; None for `--`."""
    match = _SIZE.fullmatch(text)
    if not match:
        return None
    number, unit = match.groups()
    return round(float(number) * (_BINARY_FACTORS | _FACTORS)[unit])
