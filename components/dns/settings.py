"""What a stack may say about its DNS zone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.domain import Fqdn, Settings


class _Dns(Settings):
    wait: int = Field(default=600, ge=10, le=86400)
    """Seconds to wait until every name resolves to the machine, before any certificate is asked for."""


class CloudDnsSettings(_Dns):
    """A zone in Google's Cloud DNS."""

    kind: Literal["clouddns"]
    zone: Fqdn
    """The zone's DNS name, such as example.com; every host name must be inside it."""
    managed_zone: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    """The zone's name in Google Cloud, which is not its DNS name: `gcloud dns managed-zones list`."""


class Route53Settings(_Dns):
    """A zone in Amazon's Route 53. Credentials come from the AWS provider's usual places."""

    kind: Literal["route53"]
    zone: Fqdn
    """The hosted zone's DNS name, such as example.com; every host name must be inside it."""


class NoDnsSettings(_Dns):
    """Records are created elsewhere: they are listed in the output `dnsRecords`."""

    kind: Literal["none"]


DnsSettings = Annotated[CloudDnsSettings | Route53Settings | NoDnsSettings, Field(discriminator="kind")]
