"""What `pulumi stack output` shows."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi import Input, Output

from components.apps.metrics import scrape_config
from components.budget import Budget, budget
from components.cost import Estimate, between, estimate
from components.dns.records import Record
from components.dns.rrdata import zone_file_value
from components.docker_app import DockerApp
from components.host.machine_types import SYSTEM_RESERVE
from components.host.settings import GceSettings
from components.prices import PRICE_LIST
from components.workload import App
from stacks.settings import StackSettings


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


def estimate_output(settings: StackSettings) -> dict[str, Input[object]]:
    """What the stack costs a month, and whether it fits its machine: known in a preview, to the last word."""
    apps, host = settings.apps, settings.host
    cost = estimate(
        host,
        settings.dns,
        apps,
        logs=settings.logs,
        backup=settings.backup,
        monitoring=settings.monitoring,
    )
    return {
        "cost": _cost(cost, here=not isinstance(host, GceSettings)),
        "memory": _memory(budget(apps, host.memory, host.swap)),
    }


def _cost(cost: Estimate, *, here: bool) -> dict[str, object]:
    if here and not cost.items:
        return {"total": "0.00 USD a month: it runs on a computer that is there"}
    shown: dict[str, object] = {
        "items": {item.name: str(item) for item in cost.items},
        "prices": f"{PRICE_LIST}; docs/cost.md says more",
        "total": f"{between(cost.low, cost.high)} a month, and what is by usage",
        # For programs, so a number or nothing.
        "usd": {"low": cost.low, **({} if cost.high is None else {"high": cost.high})},
    }
    if cost.uncertain:
        shown["uncertain"] = ", ".join(cost.uncertain)
    return shown


def _memory(sums: Budget) -> dict[str, object]:
    shown: dict[str, object] = {
        "containers": {name: f"{size} MiB at most" for name, size in sums.items},
        "fits": f"{'yes' if sums.fits else 'no'}: {sums.needed} MiB needed of {sums.available}",
        "machine": f"{sums.memory} MiB RAM + {sums.swap} swap - {SYSTEM_RESERVE} for the system",
    }
    if sums.rolling:
        twice = ", ".join(f"{name} {size}" for name, size in sums.rolling)
        shown["update"] = f"{sums.needed - sums.steady} MiB of the {sums.needed}: a second {twice}"
    beyond = sums.steady + SYSTEM_RESERVE - sums.memory
    if beyond > 0:
        shown["swap"] = f"{beyond} MiB between updates, if every container uses all it may"
    if beyond > sums.memory:
        shown["swap"] = f"{shown['swap']}: more than the machine has RAM, it would be very slow"
    return shown


def record_outputs(records: Sequence[Record]) -> list[Output[str]]:
    """The records as zone-file lines, to create by hand where `dns.kind` is `none`."""
    return [_lines(record) for record in records]


def _lines(record: Record) -> Output[str]:
    start = f"{record.name}. {record.ttl} IN {record.type}"
    return Output.all(*record.values).apply(
        lambda values: "\n".join(f"{start} {zone_file_value(record.type, value)}" for value in values)
    )
