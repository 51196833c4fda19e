"""Where an app keeps the files its users upload."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.domain import Settings, host_name

_Endpoint = Annotated[
    str, AfterValidator(host_name("the store's host name", "s3.amazonaws.com", "it is spoken to over HTTPS"))
]


class LocalStorage(Settings):
    """A volume on the machine's data disk."""

    kind: Literal["local"] = "local"


class S3Storage(Settings):
    """A bucket of an S3-compatible store. Its secret key is the stack's secret `<name>StorageSecretKey`."""

    kind: Literal["s3"]
    bucket: str = Field(min_length=3, max_length=63, pattern=r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$")
    """The bucket's name; it must exist."""
    access_key: str = Field(min_length=1)
    """The id of the access key; its secret half is set as a secret."""
    endpoint: _Endpoint = "s3.amazonaws.com"
    """The store's host name; it is spoken to over HTTPS."""
    region: str = "us-east-1"
    """The bucket's region, as the store calls it."""
    encrypted: bool = False
    """Ask the store for server-side encryption (SSE-S3)."""


Storage = Annotated[LocalStorage | S3Storage, Field(discriminator="kind")]
