"""The thin classes of Compute Engine's resources ask the engine for what the SDK's own classes ask it for."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pulumi_gcp
import pytest
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import resource_pb2

from components.host import compute, data_disk, gce, network
from components.host.gce import GceHost, GceHostArgs
from components.host.google_apis import GoogleApis
from components.host.settings import GceSettings
from components.logs import LocalLogs
from diagram.rehearsal import Configuration, run_engineless
from tests.unit.deployment.recorder import REPOSITORY, Recorder

HOST = {
    "kind": "gce",
    "zone": "us-west1-b",
    "machineType": "e2-small",
    "image": "debian-cloud/debian-12",
    "ssh": {"allowFrom": ["203.0.113.7/32"]},
    "ports": [{"port": 9090, "protocol": "udp", "allowFrom": ["203.0.113.0/24"]}],
    "snapshots": 7,
}
MOVED = {**HOST, "zone": "us-west1-c", "movedFrom": "us-west1-b"}


class Requests(Recorder):
    """Keeps every request for a resource of Compute Engine as it was sent."""

    def __init__(self, *, preview: bool) -> None:
        super().__init__("homeport", "test", preview=preview)
        self.sent: dict[str, object] = {}

    def RegisterResource(  # noqa: N802  the protocol's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Keep it without the place in the source that it came from, lists of dependencies in order."""
        response = super().RegisterResource(request)
        kept = resource_pb2.RegisterResourceRequest()
        kept.CopyFrom(request)
        kept.ClearField("sourcePosition")
        kept.ClearField("stackTrace")
        kept.dependencies.sort()
        for found in kept.propertyDependencies.values():
            found.urns.sort()
        self.sent[response.urn] = MessageToDict(kept)
        return response


def requests(settings: dict[str, object], *, preview: bool) -> dict[str, object]:
    """What a machine with these settings asks the engine for, by URN."""
    monitor = Requests(preview=preview)

    def program() -> None:
        host = GceSettings.model_validate(settings)
        GceHost("homeport-test", GceHostArgs(host, (), LocalLogs(), GoogleApis((), "p"), "test"))

    run_engineless(program, monitor, Configuration("test", {"gcp:project": "p"}), preview=preview)
    return monitor.sent


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The machine with the SDK's own classes."""
    for module in (data_disk, gce, network):
        monkeypatch.setattr(module, "compute", pulumi_gcp.compute)
    return pulumi_gcp.compute


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
@pytest.mark.parametrize("settings", [HOST, MOVED], ids=["machine", "moved"])
def test_thin_classes_ask_for_what_the_sdk_s_ask_for(
    settings: dict[str, object], preview: bool, request: pytest.FixtureRequest
) -> None:
    thin = requests(settings, preview=preview)
    own = request.getfixturevalue("sdk")
    assert own.Instance is not compute.Instance
    assert thin == requests(settings, preview=preview)


def test_these_settings_make_every_kind_that_there_is() -> None:
    kinds = {name for name in compute.__all__ if not name.endswith("Args")}
    sent = requests(MOVED, preview=True)
    assert kinds <= {urn.split("::")[2].rpartition(":")[2] for urn in sent}


def test_an_output_that_is_not_named_is_an_error_and_not_nothing() -> None:
    with pytest.raises(AttributeError, match="cpu_platform"):
        _ = compute.Instance.__new__(compute.Instance).cpu_platform


def test_the_program_never_imports_the_sdk_of_compute_engine() -> None:
    """It would take half a second of every preview."""
    script = (
        "import sys; from diagram.rehearsal import rehearse; rehearse('social');"
        "sys.exit('pulumi_gcp.compute._inputs' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
