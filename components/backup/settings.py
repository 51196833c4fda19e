"""What a stack may say about the backups of its apps' data."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.domain import Calendar, Settings, host_name
from components.workload import SuppliedSecret

PASSWORD = SuppliedSecret("backupPassword")
ACCESS_KEY = SuppliedSecret("backupAccessKey")
SECRET_KEY = SuppliedSecret("backupSecretKey")

_MULTI_REGIONS = {"us": "US", "northamerica": "US", "europe": "EU", "asia": "ASIA"}
"""First part of a region's name -> the multi-region that it is in; those elsewhere are in none."""
_BUCKET = r"^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$"
_SNAPSHOT = re.compile(r"latest|[0-9a-f]{8,64}")


_store_host = host_name("the store's host name", "s3.amazonaws.com", "it is spoken to over HTTPS")


def _endpoint(value: str) -> str:
    host, colon, port = value.partition(":")
    if not colon or (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        _store_host(host)
        return value
    # With more than a port behind it, what is told is what the host's name should have been.
    _store_host(value)
    return value


def _absolute(value: str) -> str:
    parts = value.split("/")
    if not value.startswith("/") or len(parts) < 3 or ".." in parts or not value.isprintable():
        raise ValueError("an absolute path on the machine, such as /mnt/backup/chat")
    return value.rstrip("/")


def _snapshot(value: str) -> str:
    if not _SNAPSHOT.fullmatch(value):
        raise ValueError("latest, or a snapshot's id of 8 hexadecimal digits or more")
    return value


class GcsStore(Settings):
    """A bucket of Google Cloud Storage. The machine's own account may use it; there is no key to keep."""

    kind: Literal["gcs"]
    bucket: Annotated[str, Field(pattern=_BUCKET)] | None = None
    """A bucket that exists, such as the one of the stack to restore from. Left out, one is made, which no
    update deletes."""
    location: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] | None = None
    """Where the bucket is made; left out, the multi-region of `host.region` (`US`, `EU`, `ASIA`), or `EU`
    for a region that is in none. Later: refused, as the bucket would have to be made anew."""
    deleted_for: int = Field(default=30, ge=1, le=365)
    """Days that the bucket keeps what was deleted or overwritten in it by mistake."""

    def location_for(self, region: str) -> str:
        """Where its bucket is made for a machine in that region."""
        return self.location or _MULTI_REGIONS.get(region.partition("-")[0], "EU")


class S3BackupStore(Settings):
    """A bucket of an S3-compatible store, with the secrets `backupAccessKey` and `backupSecretKey`."""

    kind: Literal["s3"]
    endpoint: Annotated[str, AfterValidator(_endpoint)] = "s3.amazonaws.com"
    """The store's host name, with a port if it has one; it is spoken to over HTTPS."""
    bucket: Annotated[str, Field(pattern=_BUCKET)]
    """The bucket's name; it must exist."""
    region: str | None = None
    """The bucket's region, where the store asks for it."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")] | None = None
    """A folder in the bucket, so that several stacks can share it."""


class DirectoryStore(Settings):
    """A folder of the machine. Only of use where it is on another disk: a mounted one, or of the network."""

    kind: Literal["directory"]
    path: Annotated[str, AfterValidator(_absolute)]
    """Absolute, on the machine."""


BackupStore = Annotated[GcsStore | S3BackupStore | DirectoryStore, Field(discriminator="kind")]


class KeepSettings(Settings):
    """How many backups stay: the last one of so many days, weeks and months."""

    daily: int = Field(default=7, ge=1, le=366)
    """Days."""
    weekly: int = Field(default=4, ge=0, le=520)
    """Weeks."""
    monthly: int = Field(default=6, ge=0, le=240)
    """Months."""


class BackupSettings(Settings):
    """Backups of every app's databases and files, encrypted before they leave the machine."""

    store: BackupStore
    """Where they are kept."""
    schedule: Calendar = "*-*-* 03:00"
    """When a backup is made; up to 5 minutes later."""
    verify: Calendar = "Sun *-*-* 05:00"
    """When the newest backup is restored into a scratch place and compared with what was saved."""
    keep: KeepSettings = KeepSettings()
    """How many backups stay."""
    restore_from: Annotated[str, AfterValidator(_snapshot)] | None = None
    """`latest` or a snapshot's id: the apps' first deployment takes their data from it. It stays set, see
    [restoring](operations.md#restoring-into-a-new-stack). Needs `password: supplied`."""
    password: Literal["generated", "supplied"] = "generated"  # noqa: S105  whence it comes
    """What the backups are encrypted with. `generated`: made once and shown by `pulumi stack output
    --show-secrets backup`; keep a copy elsewhere, nothing can be restored without it. `supplied`: the
    stack's secret `backupPassword`. Later: another password does not open what is there."""

    @property
    def password_is_supplied(self) -> bool:
        """Whether the user sets it."""
        return self.password == "supplied"  # noqa: S105  whence it comes

    @property
    def secrets(self) -> tuple[SuppliedSecret, ...]:
        """Secrets that the user has to set for these settings."""
        keys = (ACCESS_KEY, SECRET_KEY) if isinstance(self.store, S3BackupStore) else ()
        return (*keys, *((PASSWORD,) if self.password_is_supplied else ()))
