"""What must hold between being watched by Google Cloud and the rest of a stack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.edge.renewal import RENEWED
from components.edge.settings import AcmeSettings, EdgeSettings
from components.host.settings import HostSettings, LocalSettings
from components.monitoring_settings import MonitoringSettings
from stacks.mistakes import Mistake, show, similar


def monitoring_inconsistencies(
    monitoring: MonitoringSettings | None,
    host: HostSettings | None,
    edge: EdgeSettings | None,
    names: Sequence[str],
    *,
    complete: bool,
) -> Iterator[Mistake]:
    """`names` are those of the apps; with `complete` these are all of them."""
    if monitoring is None:
        return
    if isinstance(host, LocalSettings):
        yield Mistake(
            "homeport:monitoring",
            "this section",
            "nothing with host.kind local: Google Cloud cannot reach this computer, so it would say for ever"
            " that the apps are down",
        )
    certificate = edge.certificate if edge else None
    if monitoring.certificate_days and isinstance(certificate, AcmeSettings):
        renewed = certificate.shortest_lifetime * RENEWED
        if monitoring.certificate_days >= renewed:
            yield Mistake(
                "homeport:monitoring.certificateDays",
                str(monitoring.certificate_days),
                f"less than {renewed:g}: a certificate of {certificate.shortest_lifetime} days"
                " (edge.certificate.lifetime) is renewed with so many left, so each would cause a mail",
            )
    if complete:
        for name in monitoring.content:
            if name not in names:
                allowed = f"the name of an app: {', '.join(names)}{similar(name, names)}"
                yield Mistake(f"homeport:monitoring.content.{name}", show(name), allowed)
