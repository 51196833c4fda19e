"""What must hold between the metrics and the rest of a stack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.apps.metrics import MetricsSettings
from components.dns.settings import DnsSettings, NoDnsSettings, zone_of
from components.host.settings import HostSettings, LocalSettings
from stacks.mistakes import Mistake, show


def metrics_inconsistencies(
    metrics: MetricsSettings | None,
    host: HostSettings | None,
    dns: DnsSettings | None,
    hostnames: Sequence[str],
) -> Iterator[Mistake]:
    """`hostnames` are those of the apps."""
    if metrics is None:
        return
    if isinstance(host, LocalSettings):
        yield Mistake(
            "homeport:metrics",
            "this section",
            "nothing with host.kind local: the password would go over plain HTTP, and the numbers would be"
            " those of Docker's machine",
        )
    if metrics.hostname in hostnames:
        yield Mistake(
            "homeport:metrics.hostname",
            f"{show(metrics.hostname)}, as an app has it",
            "a host name of its own: everything under it asks for the password",
        )
    if dns is None or isinstance(dns, NoDnsSettings):
        return
    if zone_of(metrics.hostname, dns.zones) is None:
        yield Mistake(
            "homeport:metrics.hostname",
            show(metrics.hostname),
            f"a name inside one of homeport:dns.zones, {', '.join(dns.zone_names)}; its record cannot be"
            " created elsewhere",
        )
