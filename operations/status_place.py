"""Where a stack's containers run, and how this computer gets there."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from components.backup.overdue import PAUSE_SCRIPT
from components.host.deployment import CONTAINERS
from components.host.shell import with_variables
from operations.status_machine_report import MachineReport

_SCRIPT = Path(__file__).with_name("status.sh")
_DATA = "/mnt/data"
"""Where `bootstrap.sh` mounts the data disk."""
_CONNECT_SECONDS = 10
_SECONDS = 90
"""For all of the script. `docker stats` alone takes two seconds, on a machine without memory twenty."""


class UnreachableError(Exception):
    """The machine did not answer, or not in a way that makes sense. The text is what was said."""


@dataclass(frozen=True)
class Place:
    """A machine that `ssh` reaches, or with no `ssh` this computer's Docker engine."""

    stack: str
    ssh: str
    """The stack's output: a command line, or nothing."""
    docker_host: str | None = None
    """This computer's engine; not with `ssh`."""
    update: str = ""
    """The command that updates the stack; empty: `pulumi up`."""

    @property
    def is_remote(self) -> bool:
        """Whether it is a machine of its own."""
        return bool(self.ssh)

    @property
    def settings_file(self) -> str:
        """Of a stack with a long name, `organisation/project/stack`, the file knows the last part."""
        return f"stacks/Pulumi.{self.stack.rpartition('/')[2]}.yaml"

    @property
    def up(self) -> str:
        """What brings the stack to what its settings say."""
        return self.update or f"pulumi up -s {self.stack}"

    def command(self, command: str) -> str:
        """A command for the operator, and where to run it."""
        return f"on the machine: {command}" if self.ssh else command

    def container(self, name: str) -> str:
        """The name at Docker of what the stack calls `name`, as `Deployment.name` makes it."""
        return f"{self.stack.rpartition('/')[2]}-{name}"

    @property
    def shell(self) -> str:
        """What opens a shell on the machine; nothing where there is none of its own."""
        return f"$(pulumi stack output -s {self.stack} ssh)" if self.ssh else ""

    def report(self, deployment: str) -> MachineReport:
        """Everything about it, by one connection. Raises `UnreachableError`."""
        script = with_variables(
            CONTAINERS.read_text() + PAUSE_SCRIPT.read_text() + _SCRIPT.read_text(),
            {"deployment": deployment, "data": _DATA if self.is_remote else ""},
        )
        printed = self.run(script)
        try:
            return MachineReport.model_validate_json(printed)
        except ValidationError as error:
            raise UnreachableError(f"its report makes no sense: {error}") from error

    def run(self, script: str) -> str:
        """What a script for bash prints there, run as root. Raises `UnreachableError`."""
        try:
            ran = subprocess.run(
                self._command_line(),
                input=script,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=_SECONDS,
                env={**os.environ, **({"DOCKER_HOST": self.docker_host} if self.docker_host else {})},
            )
        except subprocess.TimeoutExpired:
            raise UnreachableError(f"no answer in {_SECONDS} seconds") from None
        except OSError as error:
            raise UnreachableError(str(error)) from error
        if ran.returncode:
            raise UnreachableError(ran.stderr.strip() or f"exit status {ran.returncode}")
        return ran.stdout

    def _command_line(self) -> list[str]:
        if not self.ssh:
            return ["bash", "-s"]
        ssh, *arguments = shlex.split(self.ssh)
        # Never a question: it must work without a terminal.
        options = ["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes"]
        return [ssh, *options, "-o", f"ConnectTimeout={_CONNECT_SECONDS}", *arguments, "sudo bash -s"]
