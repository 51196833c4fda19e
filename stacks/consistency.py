"""What must hold between the parts of a stack's settings, each check on as many parts as are valid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.apps.mastodon import MastodonSettings
from components.apps.metrics import NAME as METRICS
from components.apps.metrics import MetricsSettings
from components.backup.settings import BackupSettings
from components.budget import budget
from components.dns.settings import DnsSettings, NoDnsSettings, zone_of
from components.edge.settings import AcmeSettings, EdgeSettings, PlainSettings
from components.host.settings import GceSettings, HostSettings, LocalSettings
from components.logs import GoogleLogs, LogSettings
from components.mail import Mail
from components.monitoring_settings import MonitoringSettings
from stacks.mail_consistency import mail_inconsistencies
from stacks.metrics_consistency import metrics_inconsistencies
from stacks.mistakes import Mistake, show
from stacks.monitoring_consistency import monitoring_inconsistencies

if TYPE_CHECKING:
    from stacks.settings import AppSettings

_OUTPUTS = ("address", "ssh", "backup", "estimate", "readme")
"""Outputs of the stack that an app's own output would have to share its name with."""
_EDGE_PORTS = {("tcp", 22), ("tcp", 80), ("tcp", 443)}


@dataclass(frozen=True)
class Parts:
    """The valid parts of a stack's settings; None where one is missing or has mistakes of its own."""

    host: HostSettings | None
    dns: DnsSettings | None
    edge: EdgeSettings | None
    mail: Mail | None
    apps: Sequence[tuple[int, AppSettings]]
    """Each with its position in the file."""
    complete: bool
    """Whether no app was left out for its mistakes."""
    backup: BackupSettings | None
    monitoring: MonitoringSettings | None
    metrics: MetricsSettings | None
    logs: LogSettings | None


def inconsistencies(parts: Parts) -> Iterator[Mistake]:
    """Every mistake that only shows when two parts are seen together."""
    yield from _duplicates(parts)
    yield from _names(parts)
    yield from _names_in_zone(parts)
    hostnames = [name for _, app in parts.apps for _, name in _hostnames(app)]
    yield from mail_inconsistencies(parts.mail, parts.dns, hostnames)
    names = [app.name for _, app in parts.apps]
    yield from monitoring_inconsistencies(
        parts.monitoring, parts.host, parts.edge, names, complete=parts.complete
    )
    yield from metrics_inconsistencies(parts.metrics, parts.host, parts.dns, hostnames)
    yield from _where_it_runs(parts)
    yield from _account(parts)
    yield from _encrypted(parts)
    yield from _backup(parts)
    yield from _ports(parts)
    yield from _memory(parts)


def _duplicates(parts: Parts) -> Iterator[Mistake]:
    hostnames: dict[str, int] = {}
    names: dict[str, int] = {}
    for index, app in parts.apps:
        for key, hostname in _hostnames(app):
            yield from _duplicate(hostnames, index, key, hostname, "a hostname")
        yield from _duplicate(names, index, "name", app.name, "a name")


def _duplicate(seen: dict[str, int], index: int, key: str, value: str, what: str) -> Iterator[Mistake]:
    if value in seen:
        yield Mistake(
            f"homeport:apps[{index}].{key}",
            f"{show(value)}, as in homeport:apps[{seen[value]}]",
            f"{what} that no other app of the stack has",
        )
    seen.setdefault(value, index)


def _hostnames(app: AppSettings) -> Iterator[tuple[str, str]]:
    """Each key of an app that holds a host name, with the name."""
    yield "hostname", app.hostname
    if isinstance(app, MastodonSettings) and app.domain != app.hostname:
        yield "localDomain", app.domain


def _names(parts: Parts) -> Iterator[Mistake]:
    """Names that other things have: the stack's outputs, or the volumes and containers of another app."""
    taken: dict[str, tuple[int, str]] = {}
    for index, settings in parts.apps:
        path = f"homeport:apps[{index}].name"
        if parts.metrics and settings.name == METRICS:
            yield Mistake(
                path, show(settings.name), "another name: the exporters of homeport:metrics have it"
            )
        if settings.name in _OUTPUTS:
            allowed = f"another name: {', '.join(_OUTPUTS)} are outputs of the stack"
            yield Mistake(path, show(settings.name), allowed)
        app = settings.app("", None)
        parts_of_app = [volume.name for volume in app.volumes] + [service.name for service in app.services]
        own = {f"{app.name}-{name}" for name in parts_of_app}
        for name in sorted(own):
            first, owner = taken.setdefault(name, (index, app.name))
            if owner != app.name:
                found = f"{show(app.name)}, whose {name} homeport:apps[{first}] has too"
                yield Mistake(path, found, "a name that makes no such pair")
                break


def _names_in_zone(parts: Parts) -> Iterator[Mistake]:
    if parts.dns is None or isinstance(parts.dns, NoDnsSettings):
        return
    zones = ", ".join(parts.dns.zone_names)
    for index, app in parts.apps:
        for key, hostname in _hostnames(app):
            if zone_of(hostname, parts.dns.zones) is None:
                yield Mistake(
                    f"homeport:apps[{index}].{key}",
                    show(hostname),
                    f"a name inside one of homeport:dns.zones, {zones}; its record cannot be"
                    " created elsewhere",
                )


def _where_it_runs(parts: Parts) -> Iterator[Mistake]:
    plain = parts.edge is not None and isinstance(parts.edge.certificate, PlainSettings)
    acme = parts.edge is not None and isinstance(parts.edge.certificate, AcmeSettings)
    if isinstance(parts.host, GceSettings):
        if plain:
            yield Mistake(
                "homeport:edge.certificate.kind",
                '"none"',
                "acme on a machine in the internet: without TLS every password is readable on the way",
            )
        if parts.mail and parts.mail.port == 25:
            yield Mistake(
                "homeport:mail.port", "25", "587, 465 or 2525: Google Cloud blocks outgoing connections to 25"
            )
    if isinstance(parts.host, LocalSettings):
        if isinstance(parts.logs, GoogleLogs):
            yield Mistake(
                "homeport:logs.kind",
                show(parts.logs.kind),
                "local or fluentd with host.kind local: this computer has no account at Google to write as",
            )
        if acme:
            yield Mistake(
                "homeport:edge.certificate.kind",
                '"acme"',
                "none with host.kind local: no certificate authority can reach this computer to validate it",
            )
        if parts.dns is not None and not isinstance(parts.dns, NoDnsSettings):
            yield Mistake(
                "homeport:dns.kind",
                show(parts.dns.kind),
                "none with host.kind local: there is no public address that a record could point to",
            )


def _account(parts: Parts) -> Iterator[Mistake]:
    """The certificate authority's account, where one is asked at all."""
    certificate = parts.edge.certificate if parts.edge else None
    if (
        isinstance(certificate, AcmeSettings)
        and certificate.email_is_refused
        and not isinstance(parts.host, LocalSettings)
    ):
        domain = str(certificate.email).rpartition("@")[2]
        yield Mistake(
            "homeport:edge.certificate.email",
            show(certificate.email),
            "an address of your own, or nothing: Let's Encrypt makes no account, and so no certificate, for"
            f" one at {domain}, where nobody has a mailbox",
        )


def _encrypted(parts: Parts) -> Iterator[Mistake]:
    """Apps that do not answer over plain HTTP; on a public machine it is refused for all of them."""
    plain = parts.edge is not None and isinstance(parts.edge.certificate, PlainSettings)
    if not plain or isinstance(parts.host, GceSettings):
        return
    for index, app in parts.apps:
        if isinstance(app, MastodonSettings):
            yield Mistake(
                f"homeport:apps[{index}].kind",
                show(app.kind),
                "another app, or a machine in the cloud: Mastodon sends everybody to HTTPS, and"
                " edge.certificate.kind is none",
            )


def _ports(parts: Parts) -> Iterator[Mistake]:
    taken: dict[tuple[str, int], str] = {}
    if parts.edge is not None and isinstance(parts.edge.certificate, PlainSettings):
        taken["tcp", parts.edge.certificate.port] = "the edge"
    if isinstance(parts.host, GceSettings):
        taken |= dict.fromkeys(_EDGE_PORTS, "the edge or SSH")
        for index, opened in enumerate(parts.host.ports):
            yield from _take(taken, (opened.protocol, opened.port), f"homeport:host.ports[{index}]", "")
    for index, app in parts.apps:
        path = f"homeport:apps[{index}]"
        for published in app.app("", None).published_ports:
            yield from _take(taken, (published.protocol, published.port), path, " (published by the app)")


def _backup(parts: Parts) -> Iterator[Mistake]:
    if parts.backup is None:
        return
    if isinstance(parts.host, LocalSettings):
        allowed = "no backups of host.kind local: they need a machine with systemd, host.kind gce"
        yield Mistake("homeport:backup", "this section", allowed)
    if parts.backup.restore_from and not parts.backup.password_is_supplied:
        yield Mistake(
            "homeport:backup.password",
            show(parts.backup.password),
            "supplied, with restoreFrom: a new password does not open old backups. Theirs is among the old"
            " stack's outputs, pulumi stack output --show-secrets backup; set it here with pulumi config set"
            " --secret backupPassword",
        )


def _take(
    taken: dict[tuple[str, int], str], port: tuple[str, int], path: str, remark: str
) -> Iterator[Mistake]:
    protocol, number = port
    if port in taken:
        yield Mistake(path, f"{number}/{protocol}{remark}", f"a port that {taken[port]} does not use")
    taken.setdefault(port, path)


def _memory(parts: Parts) -> Iterator[Mistake]:
    if parts.host is None or not parts.complete or not parts.apps:
        return
    apps = [app.app("", parts.mail) for _, app in parts.apps]
    if parts.metrics:
        apps.append(parts.metrics.app("", apps, ""))
    sums = budget(apps, parts.host.memory, parts.host.swap)
    if not sums.fits:
        where = "machineType" if isinstance(parts.host, GceSettings) else "memory"
        found = parts.host.machine_type if isinstance(parts.host, GceSettings) else parts.host.memory
        allowed = "a larger machine, more host.swap, or less memory for the apps"
        if sums.steady <= sums.available:
            allowed = f"rollout: recreate for an app, whose updates then stop it first; or {allowed}"
        yield Mistake(f"homeport:host.{where}", f"{show(found)}, too small for the apps: {sums}", allowed)
