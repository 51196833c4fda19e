"""Where an app keeps the files its users upload."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.domain import Fqdn, Settings


class LocalStorage(Settings):
    """A volume on the machine's data disk."""

    kind: Literal["local"] = "local"


class S3Storage(Settings):
    """A bucket of an S3-compatible store. Its secret key is the stack's secret `<app>StorageSecretKey`."""

    kind: Literal["s3"]
    bucket: str = Field(min_length=3, max_length=63)
    access_key: str = Field(min_length=1)
    endpoint: Fqdn = "s3.amazonaws.com"
    region: str = "us-east-1"
    encrypted: bool = False
    """Ask the store for server-side encryption (SSE-S3)."""


Storage = Annotated[LocalStorage | S3Storage, Field(discriminator="kind")]
