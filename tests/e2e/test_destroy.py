"""The end of the stack."""

from __future__ import annotations

from tests.e2e.deployed import Deployed, run

LEAVES_ANOTHER_STACK = True


def test_destroy_leaves_nothing_behind(deployed: Deployed) -> None:
    deployed.engine.destroy()
    owned = f"label=homeport.sandbox={deployed.box.name}"
    assert run("docker", "ps", "--all", "--filter", owned, "--format", "{{.Names}}").output.split() == [
        deployed.description.cloud_container
    ]
    assert run("docker", "volume", "ls", "--quiet", "--filter", owned).output == ""
    assert (
        run("losetup", "--list", "--noheadings", "--output", "BACK-FILE").output.count(
            f"homeport-{deployed.box.name}-"
        )
        == 0
    )


def test_stopping_the_box_removes_the_rest(deployed: Deployed) -> None:
    deployed.box.stop()
    owned = f"label=homeport.sandbox={deployed.box.name}"
    assert run("docker", "ps", "--all", "--quiet", "--filter", owned).output == ""
    assert run("docker", "network", "ls", "--quiet", "--filter", owned).output == ""
    assert not deployed.box.directory.exists()
