from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Mapping

import grpc
import pytest
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub

from stacks import early_start
from stacks.early_start import request, start_before_settings, start_for
from tests.unit.deployment.recorder import deployed
from tests.unit.stacks.configuration import chat, local

PACKAGES = ("aws", "command", "gcp", "random", "tls")


class Monitor(ResourceMonitorStub):
    """An engine's monitor that knows no function, as every provider does of these."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def Invoke(self, asked: resource_pb2.ResourceInvokeRequest) -> None:  # type: ignore[override]  # noqa: N802
        """Refuse it."""
        self.asked.append(asked.tok.split(":")[0])
        raise grpc.RpcError


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Monitor:
    found = Monitor()
    monkeypatch.setattr(early_start, "get_monitor", lambda: found)
    return found


def configure(monkeypatch: pytest.MonkeyPatch, host: object) -> None:
    values: Mapping[str, str] = {"homeport:host": host if isinstance(host, str) else json.dumps(host)}
    monkeypatch.setattr(early_start, "get_config", values.get)


def settled() -> None:
    """Wait until the threads have asked."""
    for thread in threading.enumerate():
        if thread.daemon and thread.name.endswith("(_start)"):
            thread.join()


@pytest.mark.parametrize("package", PACKAGES)
def test_the_provider_is_the_one_that_resources_ask_for(package: str) -> None:
    """Another version would be a second provider of its kind, in the state as well."""
    utilities = importlib.import_module(f"pulumi_{package}._utilities")
    asked = request(package)
    assert asked.version == utilities.get_version()
    assert asked.pluginDownloadURL == (utilities.get_plugin_download_url() or "")


def test_before_settings_are_read_nothing_that_needs_an_account_is_started(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, {"kind": "gce"})
    start_before_settings()
    settled()
    assert monitor.asked == ["random", "command", "tls"]


@pytest.mark.parametrize("host", [{"kind": "local"}, {}, ["gce"], "gce", "{"])
def test_a_machine_without_keys_needs_no_tls(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, host: object
) -> None:
    configure(monkeypatch, host)
    start_before_settings()
    settled()
    assert monitor.asked == ["random", "command"]


def test_the_cloud_of_the_settings_is_started_once(monitor: Monitor) -> None:
    start_for(chat().load())
    settled()
    assert monitor.asked == ["gcp"]


def test_a_machine_with_zones_at_route_53_starts_both_clouds(monitor: Monitor) -> None:
    start_for(chat().set("homeport:dns", {"kind": "route53", "zones": [{"name": "example.com"}]}).load())
    settled()
    assert monitor.asked == ["gcp", "aws"]


def test_a_stack_on_this_computer_starts_no_cloud(monitor: Monitor) -> None:
    start_for(local().load())
    settled()
    assert monitor.asked == []


def test_a_rehearsal_hears_nothing_of_it() -> None:
    asked = {invocation.token for invocation in deployed("chat").invocations}
    assert not {token for token in asked if token.endswith(":homeport:start")}


def test_without_an_engine_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early_start, "get_monitor", lambda: None)
    before = threading.active_count()
    early_start.start("random")
    assert threading.active_count() == before
