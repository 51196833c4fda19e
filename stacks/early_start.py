"""Has the engine start its providers while Python still imports what the program is made of.

The engine starts a provider when it is first asked for something of it, one after the other, and the SDK asks
only when the program's main part has ended. So Python would wait for providers, and they for Python, half a
second in each preview and update. Here the engine is asked for functions that no provider has: it starts the
provider, which answers that there is none, and nobody reads the answer.
"""

from __future__ import annotations

import json
from contextlib import suppress
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING

import grpc
from pulumi.runtime.config import get_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub
from pulumi.runtime.settings import get_monitor, is_dry_run

if TYPE_CHECKING:
    from stacks.settings import StackSettings


def start_before_settings() -> None:
    """In a preview, start what needs no account: mistakes in the settings must be told first.

    Not in an update: a provider that runs is a resource of the state, and with mistakes nothing may change.
    """
    if is_dry_run():
        start(*_without_account(_host_kind()))


def start_for(settings: StackSettings) -> None:
    """Start what works in the accounts that the settings name, and in an update the others."""
    clouds = {"gce": "gcp", "clouddns": "gcp", "route53": "aws"}
    kinds = (settings.host.kind, settings.dns.kind)
    others = () if is_dry_run() else _without_account(settings.host.kind)
    start(*dict.fromkeys(clouds[kind] for kind in kinds if kind in clouds), *others)


def _without_account(host_kind: object) -> tuple[str, ...]:
    """In the order in which resources wait for them: the keys of a machine, the scripts that run on it."""
    return ("tls", "command", "random") if host_kind == "gce" else ("command", "random")


def start(*packages: str) -> None:
    """Have the engine start the default provider of each package, in this order; returns at once."""
    monitor: object = get_monitor()
    # A rehearsal has no engine, and must hear only of what the program asks for.
    if packages and isinstance(monitor, ResourceMonitorStub):
        Thread(target=_start, args=(monitor, packages), daemon=True).start()


def request(package: str) -> resource_pb2.ResourceInvokeRequest:
    """What the engine is asked for, of the version that resources ask for: else it is another provider."""
    return resource_pb2.ResourceInvokeRequest(
        tok=f"{package}:homeport:start", version=version(f"pulumi-{package}")
    )


def _start(monitor: ResourceMonitorStub, packages: tuple[str, ...]) -> None:
    for package in packages:
        # A provider that does not start fails the first resource of it, and that says more.
        with suppress(grpc.RpcError):
            monitor.Invoke(request(package))


def _host_kind() -> object:
    """What kind of machine the settings say, valid or not."""
    try:
        host = json.loads(get_config("homeport:host") or "null")
    except (ValueError, RecursionError):
        return None
    return host.get("kind") if isinstance(host, dict) else None
