"""What a stack consists of: settings -> machine -> DNS -> edge -> apps -> outputs."""

from __future__ import annotations

import pulumi

from components.backup.backup import Backup, BackupArgs
from components.dns.records import address_records, caa_records
from components.dns.zone import Zone
from components.docker_app import DockerApp, DockerAppArgs
from components.edge.edge import Edge, EdgeArgs
from components.edge.settings import AcmeSettings
from components.host.gce import GceHost, GceHostArgs
from components.host.google_api_names import CLOUD_DNS, CLOUD_STORAGE, MONITORING
from components.host.google_apis import GoogleApis
from components.host.local import LocalHost
from components.host.settings import GceSettings
from stacks.configuration import acme_ca_bundle, supplied_secrets
from stacks.google_apis import needed_apis
from stacks.notices import notices
from stacks.outputs import app_outputs, estimate_output, record_outputs
from stacks.readme import stack_readme
from stacks.settings import StackSettings


def deploy(settings: StackSettings) -> None:
    """Ask for everything that the settings of the running stack describe."""
    stack = pulumi.get_stack()
    supplied = supplied_secrets(settings)

    managed = isinstance(settings.host, GceSettings) and settings.host.enable_apis
    apis = GoogleApis(needed_apis(settings) if managed else (), pulumi.Config("gcp").get("project") or "")
    host: GceHost | LocalHost
    if isinstance(settings.host, GceSettings):
        host = GceHost(
            f"homeport-{stack}", GceHostArgs(settings.host, settings.apps, settings.logs, apis, stack)
        )
    else:
        host = LocalHost("host", settings.host, settings.logs)

    hostnames = [name for app in settings.apps for name in app.hostnames]
    certificate = settings.edge.certificate
    issuer = certificate.issuer if isinstance(certificate, AcmeSettings) and settings.dns.caa else None
    records = [
        *address_records(hostnames, host.address, host.ipv6),
        *caa_records(hostnames, issuer, settings.domains),
        *(settings.mail.dns_records if settings.mail else ()),
    ]
    zone = Zone("dns", settings.dns, records, apis.needed(CLOUD_DNS))
    edge = Edge("edge", EdgeArgs(settings.edge, host, settings.host.memory, acme_ca_bundle(settings)))

    backup = None
    if settings.backup and isinstance(host, GceHost) and isinstance(settings.host, GceSettings):
        backup = Backup(
            "backup",
            BackupArgs(
                settings.backup,
                host,
                settings.host.region,
                settings.apps,
                supplied.values,
                apis.needed(CLOUD_STORAGE),
            ),
        )

    apps: dict[str, DockerApp] = {}
    for app in settings.apps:
        restore = backup.restore if backup else None
        resolved = [zone.resolution(app.name, app.hostnames, host)] if host.is_public else []
        others = dict(apps)
        apps[app.name] = DockerApp(
            app.name,
            DockerAppArgs(app, host, edge, supplied.values, others, resolved, restore, supplied.fingerprints),
        )
        pulumi.export(app.name, app_outputs(app, apps[app.name]))

    if backup and settings.backup:
        backup.schedule(list(apps.values()))
        pulumi.export(
            "backup",
            {"store": backup.store, "schedule": settings.backup.schedule, "password": backup.password},
        )

    if settings.monitoring:
        # Here, since only these stacks should wait for Google's module: see components/dns/zone.py.
        from components.monitoring import Monitoring, MonitoringArgs  # noqa: PLC0415

        open_apps = [app for app in settings.apps if app.access is None]
        reports = backup.report() if backup else None
        lifetime = certificate.shortest_lifetime if isinstance(certificate, AcmeSettings) else 0
        Monitoring(
            "monitoring",
            MonitoringArgs(settings.monitoring, open_apps, stack, lifetime, apis.needed(MONITORING), reports),
        )

    for notice in notices(settings):
        pulumi.log.warn(notice)
    pulumi.export("estimate", estimate_output(settings))
    pulumi.export("address", host.address)
    pulumi.export("ssh", host.ssh_command)
    pulumi.export("dnsRecords", record_outputs(zone.records))
    pulumi.export("readme", stack_readme(stack, list(apps), len(zone.records), backup is not None))
    if zone.name_servers:
        pulumi.export("nameServers", zone.name_servers)
