"""The thin classes of Docker's resources ask the engine for what the SDK's own classes ask it for."""

from __future__ import annotations

import subprocess
import sys

import pulumi_docker
import pytest

from components import docker
from diagram.rehearsal import run_program
from tests.unit.deployment.mattermost import BUILT
from tests.unit.deployment.recorder import REPOSITORY, Changes, configuration
from tests.unit.deployment.requests import sent

CHANGES: dict[str, Changes] = {
    "chat": {
        # An image that is built, a port that is published past nginx, exporters with folders of the machine.
        **BUILT,
        "homeport:apps[0].callsPort": 8443,
        "homeport:metrics": {"hostname": "metrics.example.com"},
    },
    "local": {},
    "social": {},
}


def requests(stack: str, *, preview: bool) -> dict[str, object]:
    """What the whole program asks the engine for, by URN."""
    return sent(run_program, configuration(stack, CHANGES[stack]), preview=preview)


def use_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program make its resources with the SDK's own classes."""
    for name in docker.__all__:
        assert getattr(docker, name) is not getattr(pulumi_docker, name)
        monkeypatch.setattr(docker, name, getattr(pulumi_docker, name))


@pytest.mark.parametrize(
    ("stack", "preview"), [("chat", True), ("chat", False), ("local", False), ("social", False)]
)
def test_thin_classes_ask_for_what_the_sdk_s_ask_for(
    stack: str, preview: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    thin = requests(stack, preview=preview)
    use_the_sdk(monkeypatch)
    assert thin == requests(stack, preview=preview)


def test_these_settings_make_every_kind_that_there_is() -> None:
    kinds = {name for name in docker.__all__ if not name.endswith("Args")} - {"Provider"}
    made = {urn.split("::")[2].rpartition("$")[2] for urn in requests("chat", preview=True)}
    assert kinds == {kind.rpartition(":")[2] for kind in made if kind.startswith("docker:")}
    assert "pulumi:providers:docker" in made


def test_the_program_never_imports_the_sdk_of_docker() -> None:
    """It would take a twentieth of a second of every preview."""
    script = (
        "import sys; from diagram.rehearsal import rehearse; rehearse('social');"
        "sys.exit('pulumi_docker' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
