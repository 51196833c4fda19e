"""The thin classes of Compute Engine's resources ask the engine for what the SDK's own classes ask it for."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pulumi_gcp
import pytest

from components.host import compute, data_disk, gce, network
from components.host.gce import GceHost, GceHostArgs
from components.host.google_apis import GoogleApis
from components.host.settings import GceSettings
from components.logs import LocalLogs
from diagram.rehearsal import Configuration
from tests.unit.deployment.recorder import REPOSITORY
from tests.unit.deployment.requests import sent

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


def requests(settings: dict[str, object], *, preview: bool) -> dict[str, object]:
    """What a machine with these settings asks the engine for, by URN."""

    def program() -> None:
        host = GceSettings.model_validate(settings)
        GceHost("homeport-test", GceHostArgs(host, (), LocalLogs(), GoogleApis((), "p"), "test"))

    return sent(program, Configuration("test", {"gcp:project": "p"}), preview=preview)


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
    made = requests(MOVED, preview=True)
    assert kinds <= {urn.split("::")[2].rpartition(":")[2] for urn in made}


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
