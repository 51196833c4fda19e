"""The `pulumi` command on a project folder, a fresh process each time: what a user waits for.

The Automation API with a program inside this process would hide what the program's imports cost, since only
the first run pays for them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.cost import Cost, cost_of
from sandbox.engine import REPOSITORY, Engine
from tools.engine import find_engine

EMPTY = "import pulumi\n"


@dataclass(frozen=True)
class CommandLine:
    """A project folder and the settings of the engine."""

    folder: Path
    stack: str
    environment: Mapping[str, str]

    @classmethod
    def of_homeport(cls, folder: Path, engine: Engine) -> CommandLine:
        """Homeport's program with the state and the settings of a sandbox's engine."""
        _empty_folder(folder)
        # The engine wants the program below the project's folder; the repository's own files stay untouched.
        (folder / "program").symlink_to(REPOSITORY, target_is_directory=True)
        _project(folder, engine.project.name, main="program")
        file = f"Pulumi.{engine.project.stack}.yaml"
        shutil.copyfile(engine.directory / "project" / file, folder / file)
        return cls(folder, engine.project.stack, _environment(engine))

    @classmethod
    def of_nothing(cls, folder: Path, engine: Engine) -> CommandLine:
        """A program that only imports the SDK, with the same engine, plugins and backend."""
        _empty_folder(folder)
        (folder / "__main__.py").write_text(EMPTY)
        _project(folder, "empty")
        line = cls(folder, engine.project.stack, _environment(engine))
        line.run("stack", "init", line.stack)
        return line

    def preview(self, *options: str) -> float:
        """Seconds that a preview takes."""
        return self.run("preview", "--stack", self.stack, *options)

    def preview_cost(self, *options: str) -> Cost:
        """Seconds and memory of a preview."""
        program = shutil.which("pulumi", path=self.environment["PATH"]) or "pulumi"
        command = [program, "preview", "--stack", self.stack, *options]
        return cost_of(command, self.environment, self.folder)

    def update(self, *options: str) -> float:
        """Seconds that an update takes, its preview left out as by the Automation API."""
        return self.run("up", "--yes", "--skip-preview", "--stack", self.stack, *options)

    def run(self, *arguments: str) -> float:
        """Seconds that a command of the engine takes. Raises `RuntimeError` with its output if it fails."""
        return timed(["pulumi", *arguments], self.environment, self.folder)


def timed(command: list[str], environment: Mapping[str, str], folder: Path) -> float:
    """Seconds that a command takes. Raises `RuntimeError` with its output if it fails."""
    program = shutil.which(command[0], path=environment["PATH"]) or command[0]
    started = time.monotonic()
    ended = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    took = time.monotonic() - started
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} failed with status {ended.returncode}:\n{ended.stdout}")
    return took


def _environment(engine: Engine) -> dict[str, str]:
    path = f"{find_engine().parent}:{engine.environment['PATH']}"
    return {**os.environ, **engine.environment, "PATH": path}


def _empty_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _project(folder: Path, name: str, main: str = ".") -> None:
    settings = {"name": name, "runtime": "python", "main": main}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
