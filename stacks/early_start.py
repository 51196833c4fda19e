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
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import grpc
from pulumi.runtime.config import get_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub
from pulumi.runtime.settings import get_monitor, get_stack, is_dry_run

if TYPE_CHECKING:
    from stacks.settings import StackSettings

KEYS = "~/.ssh/homeport"
"""Default of `host.ssh.directory`, which is read before the settings are."""


def start_before_settings() -> tuple[str, ...]:
    """Start what needs no account: mistakes in the settings must be told first. Returns what was started.

    In an update only where an earlier one has left its keys on this computer. A provider that runs is a
    resource of the state, and with mistakes nothing may change: there, the state has these already.
    """
    host = _host()
    if not is_dry_run() and not _was_deployed(host):
        return ()
    packages = _without_account(host.get("kind"))
    start(*packages)
    return packages


def start_for(settings: StackSettings, started: tuple[str, ...] = ()) -> None:
    """Start what works in the accounts that the settings name, and what was not started before."""
    clouds = {"gce": "gcp", "clouddns": "gcp", "route53": "aws"}
    kinds = (settings.host.kind, settings.dns.kind)
    wanted = (
        *(clouds[kind] for kind in kinds if kind in clouds),
        *_without_account(settings.host.kind),
    )
    start(*(package for package in dict.fromkeys(wanted) if package not in started))


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


def _host() -> dict[str, object]:
    """The settings of the machine, valid or not."""
    try:
        host: object = json.loads(get_config("homeport:host") or "null")
    except (ValueError, RecursionError):
        return {}
    return host if isinstance(host, dict) else {}


def _was_deployed(host: dict[str, object]) -> bool:
    """Whether an update of this stack has written what `ssh` reads: see components/host/deploy_key.py."""
    ssh = host.get("ssh")
    folder = ssh.get("directory", KEYS) if isinstance(ssh, dict) else KEYS
    if host.get("kind") != "gce" or not isinstance(folder, str):
        return False
    try:
        return (Path(folder).expanduser() / get_stack() / "known_hosts").exists()
    except (OSError, RuntimeError, ValueError):
        return False
