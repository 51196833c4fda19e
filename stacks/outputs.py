"""What `pulumi stack output` shows."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi import Input, Output

from components.apps.metrics import scrape_config
from components.dns.records import Record
from components.dns.rrdata import zone_file_value
from components.docker_app import DockerApp
from components.workload import App


def app_outputs(app: App, deployed: DockerApp) -> dict[str, Input[object]]:
    """Where an app answers, which version, and its administrator; the password is a secret."""
    outputs: dict[str, Input[object]] = {
        "url": app.url,
        "version": app.version,
        "images": {service.name: service.image.reference for service in app.services},
    }
    if app.administrator and deployed.administrator_password:
        outputs["administrator"] = {
            "username": app.administrator.username,
            "email": app.administrator.email,
            "password": deployed.administrator_password,
        }
    if app.access:
        password = deployed.secrets[app.access.password]
        outputs["access"] = {"username": app.access.user, "password": password}
        if app.kind == "metrics":
            job = f"homeport-{pulumi.get_stack()}"
            outputs["prometheus"] = password.apply(lambda known: scrape_config(app, job, known))
    return outputs


def record_outputs(records: Sequence[Record]) -> list[Output[str]]:
    """The records as zone-file lines, to create by hand where `dns.kind` is `none`."""
    return [_lines(record) for record in records]


def _lines(record: Record) -> Output[str]:
    start = f"{record.name}. {record.ttl} IN {record.type}"
    return Output.all(*record.values).apply(
        lambda values: "\n".join(f"{start} {zone_file_value(record.type, value)}" for value in values)
    )
