"""The backups of a stack as a test sees them on its machine."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from sandbox.engine import Engine
from tests.e2e.deployed import Deployed, run

STORE = "/var/backups/homeport"
BACKUP: dict[str, object] = {"store": {"kind": "directory", "path": STORE}}
RESULTS = "/var/lib/homeport/backup"
WORK = "/mnt/data/homeport/backup"
ENVIRONMENT = "/etc/homeport/backup/environment"
TREE = "/run/homeport/backup/tree"
"""Where the data is in a snapshot."""


def backup(**more: object) -> dict[str, object]:
    """The stack with backups."""
    return {"homeport:backup": {**BACKUP, **more}}


def bucket_of(engine: Engine) -> str:
    """Name of the bucket that the stack made for its backups."""
    output = engine.outputs()["backup"]
    assert isinstance(output, dict)
    return str(output["store"]).split(":")[1]


@dataclass(frozen=True)
class Machine:
    """The machine, as far as its backups go."""

    deployed: Deployed

    def save(self) -> dict[str, object]:
        """Run a backup; its result."""
        self.deployed.on_machine("systemctl", "start", "homeport-backup")
        return self.result("last")

    def verify(self) -> dict[str, object]:
        """Run a verification; its result."""
        self.deployed.on_machine("systemctl", "start", "homeport-backup-verify")
        return self.result("verified")

    def result(self, name: str) -> dict[str, object]:
        """What the last run left."""
        result: dict[str, object] = json.loads(self.shell(f"cat {RESULTS}/{name}.json"))
        return result

    def shell(self, script: str) -> str:
        """Run a script as root; it must succeed."""
        ran = self.deployed.on_machine("bash", "-euo", "pipefail", "-s", stdin=script)
        assert ran.status == 0, ran.output
        return ran.output

    def leftovers(self) -> list[str]:
        """What is on the data disk besides what a later run reads."""
        return sorted(set(self.shell(f"ls -A {WORK}").split()) - {"lists", "repository"})

    def restart(self) -> None:
        """Cut its power and boot it again, until every app serves."""
        name = self.deployed.machine
        assert run("docker", "kill", name).status == 0
        assert run("docker", "start", name).status == 0
        deadline = time.monotonic() + 120
        serves = (
            "docker ps --filter health=healthy --filter label=homeport.service=mattermost --quiet | grep . &&"
            " ! docker ps --filter health=starting --quiet | grep ."
        )
        while self.deployed.on_machine("sh", "-c", f"({serves}) >/dev/null 2>&1").status:
            assert time.monotonic() < deadline, "the machine does not come back"
            time.sleep(1)
