from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub

from components.host.settings import SshSettings
from stacks import early_start
from stacks.early_start import request, start_before_settings, start_for
from tests.unit.deployment.recorder import REPOSITORY, deployed
from tests.unit.stacks.configuration import Configuration, chat, local

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


def run(monkeypatch: pytest.MonkeyPatch, host: object, *, preview: bool) -> tuple[str, ...]:
    """Start what a run of the program starts before it has read its settings."""
    values: Mapping[str, str] = {"homeport:host": host if isinstance(host, str) else json.dumps(host)}
    monkeypatch.setattr(early_start, "get_config", values.get)
    monkeypatch.setattr(early_start, "is_dry_run", lambda: preview)
    monkeypatch.setattr(early_start, "get_stack", lambda: "chat")
    started = start_before_settings()
    settled()
    return started


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
    run(monkeypatch, {"kind": "gce"}, preview=True)
    assert monitor.asked == ["tls", "command", "random"]


@pytest.mark.parametrize("host", [{"kind": "local"}, {}, ["gce"], "gce", "{"])
def test_a_machine_without_keys_needs_no_tls(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, host: object
) -> None:
    run(monkeypatch, host, preview=True)
    assert monitor.asked == ["command", "random"]


def test_an_update_starts_nothing_before_settings_are_read_and_then_all(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are resources of the state: with mistakes in the settings it must not change."""
    started = run(monkeypatch, {"kind": "gce", "ssh": {"directory": "/nowhere"}}, preview=False)
    assert monitor.asked == []
    start_for(chat().load(), started)
    settled()
    assert monitor.asked == ["gcp", "tls", "command", "random"]


def test_an_update_of_a_machine_that_this_computer_has_keys_of_starts_them_at_once(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its state has them."""
    (tmp_path / "chat").mkdir()
    (tmp_path / "chat" / "known_hosts").touch()
    started = run(monkeypatch, {"kind": "gce", "ssh": {"directory": str(tmp_path)}}, preview=False)
    assert monitor.asked == ["tls", "command", "random"]
    start_for(chat().load(), started)
    settled()
    assert monitor.asked == ["tls", "command", "random", "gcp"]


@pytest.mark.parametrize("host", [{"kind": "local"}, {"kind": "gce", "ssh": {"directory": 7}}, ["gce"], "{"])
def test_an_update_whose_machine_has_no_keys_starts_nothing_before_settings_are_read(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, host: object
) -> None:
    assert run(monkeypatch, host, preview=False) == ()
    assert monitor.asked == []


def test_keys_are_looked_for_where_the_settings_have_them_written() -> None:
    assert SshSettings.model_fields["directory"].default == early_start.KEYS
    assert "known_hosts" in (REPOSITORY / "components" / "host" / "deploy_key.sh").read_text()


@pytest.mark.parametrize(
    ("settings", "clouds"),
    [
        (chat(), ["gcp"]),
        (chat().set("homeport:dns", {"kind": "route53", "zones": [{"name": "example.com"}]}), ["gcp", "aws"]),
        (local(), []),
    ],
    ids=["Google", "Google and Route 53", "this computer"],
)
def test_a_preview_starts_the_clouds_of_the_settings_once(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, settings: Configuration, clouds: list[str]
) -> None:
    monkeypatch.setattr(early_start, "is_dry_run", lambda: True)
    start_for(settings.load(), ("tls", "command", "random"))
    settled()
    assert monitor.asked == clouds


def test_a_rehearsal_hears_nothing_of_it() -> None:
    asked = {invocation.token for invocation in deployed("chat").invocations}
    assert not {token for token in asked if token.endswith(":homeport:start")}


def test_without_an_engine_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early_start, "get_monitor", lambda: None)
    before = threading.active_count()
    early_start.start("random")
    assert threading.active_count() == before
