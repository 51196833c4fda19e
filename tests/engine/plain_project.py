"""A copy of the project, with the plain `pulumi` command as its user runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from sandbox.plugins import install
from tools.engine import find_engine

_REPOSITORY = Path(__file__).parent.parent.parent


class PlainProject:
    """A copy of the project, with an engine, a backend and a home that are nobody else's."""

    def __init__(self, folder: Path, docker_host: str | None = None) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        for name in ("Pulumi.yaml", "Pulumi.README.md", "__main__.py"):
            shutil.copy(_REPOSITORY / name, self.folder)
        for name in ("components", "policies", "stacks"):
            shutil.copytree(
                _REPOSITORY / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        # Pulumi.yaml says that the environment is here; an engine that was built by hand asks PATH instead.
        (self.folder / ".venv").symlink_to(sys.prefix)
        for name in ("home", "state", "world"):
            (folder / name).mkdir()
        install(folder / "home")
        self.world = folder / "world"
        """HOMEPORT_SANDBOX of this project's providers."""
        path = [Path(sys.prefix, "bin"), find_engine().parent, *os.environ["PATH"].split(":")]
        self._environment = {
            "PATH": ":".join(map(str, path)),
            "HOME": str(folder / "home"),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "of a test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "HOMEPORT_SANDBOX": str(self.world),
            # A preview needs no Docker engine; with this it finds none.
            "DOCKER_HOST": docker_host or f"unix://{folder}/docker.sock",
        }

    def pulumi(
        self, *arguments: str, within: float = 100, before: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the engine; all that it prints is in `stdout`.

        `before` is a command line that runs it, such as `taskset`. Raises `TimeoutExpired` after `within`
        seconds, when nothing of it runs any more.
        """
        try:
            return subprocess.run(
                [*before, "pulumi", *arguments, "--non-interactive"],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=within,
                check=False,
            )
        except subprocess.TimeoutExpired:
            for process in self.processes():
                os.kill(process, signal.SIGKILL)
            raise

    def processes(self) -> list[int]:
        """What a command of the engine started, plugins and program included, and still runs."""
        return list(self._running())

    def resources(self, stack: str) -> list[str]:
        """Types of what is in the state of a stack, but for the stack itself."""
        exported = self.pulumi("stack", "export", "-s", stack)
        found = json.loads(exported.stdout)["deployment"].get("resources") or []
        return [resource["type"] for resource in found if resource["type"] != "pulumi:pulumi:Stack"]

    def _running(self) -> Iterator[int]:
        mark = f"HOMEPORT_SANDBOX={self.world}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                # It ended meanwhile, or is somebody else's.
                continue
            if mark in environment:
                yield int(folder.name)
