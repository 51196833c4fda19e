"""`make import` as somebody runs it who has the project, its backend and an old installation's files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from sandbox.engine import REPOSITORY
from tests.e2e.deployed import Deployed
from tools.engine import find_engine


@dataclass(frozen=True)
class Imports:
    """Imports into the apps of a stack, whose settings are those of its last update."""

    deployed: Deployed
    project: Path

    @classmethod
    def of(cls, deployed: Deployed) -> Imports:
        """Write down the project as the stack has it now."""
        project = deployed.box.directory / "mover"
        project.mkdir(exist_ok=True)
        (project / "Pulumi.yaml").write_text(
            yaml.safe_dump({"name": "homeport", "runtime": "python", "main": str(REPOSITORY)})
        )
        settings = f"Pulumi.{deployed.engine.project.stack}.yaml"
        shutil.copy(deployed.box.directory / "project" / settings, project)
        return cls(deployed, project)

    def start(self, app: str, dump: Path, files: str, *arguments: str) -> subprocess.Popen[str]:
        """Begin an import."""
        engine = self.deployed.engine
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "operations.import_app", "--stack", engine.project.stack),
                *("--app", app, "--project", str(self.project), "--database", str(dump)),
                *("--files", files, *arguments),
            ],
            cwd=REPOSITORY,
            env={
                **os.environ,
                **engine.environment,
                "PATH": f"{find_engine().parent}:{engine.environment['PATH']}",
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def take_in(self, app: str, dump: Path, files: str, *arguments: str) -> tuple[int, str]:
        """Import; status and what was printed."""
        process = self.start(app, dump, files, *arguments)
        output, _ = process.communicate(timeout=300)
        return process.returncode, output
