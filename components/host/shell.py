"""Running a script where the containers run: on a machine over SSH, or on this computer."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import pulumi_command as command
from pulumi import Input, Output, ResourceOptions

Command: TypeAlias = command.remote.Command | command.local.Command


@dataclass(frozen=True)
class Script:
    """A bash script that goes to the shell's standard input, so that no secret is ever an argument."""

    create: Input[str]
    """Run on creation, and again when it or a trigger changes."""
    delete: Input[str] | None = None
    """A command line, run on deletion. It holds no secret: it is an argument."""
    triggers: Sequence[Input[str]] = ()
    root: bool = False


_PRINTED = ResourceOptions(additional_secret_outputs=["stdout", "stderr"])
"""What a script prints may hold what it was given, and the provider would keep it in plain text."""


class Shell(Protocol):
    """Where scripts run."""

    def run(self, name: str, script: Script, opts: ResourceOptions) -> Command:
        """A resource whose creation runs the script. A status other than 0 fails it with the output."""
        ...

    async def execute(self, script: str) -> str:
        """Run a script at once, from a hook; what it prints. Raises `CalledProcessError` where it fails."""
        ...


@dataclass(frozen=True)
class RemoteShell:
    """The shell of a machine, over SSH with a pinned host key."""

    connection: command.remote.ConnectionArgs
    ssh: Output[list[str]]
    """The `ssh` command line, for what runs in between resources."""

    def run(self, name: str, script: Script, opts: ResourceOptions) -> Command:
        """See `Shell.run`."""
        return command.remote.Command(
            name,
            connection=self.connection,
            create="sudo bash -s" if script.root else "bash -s",
            stdin=script.create,
            delete=script.delete,
            triggers=list(script.triggers),
            add_previous_output_in_env=False,
            # A failed script says why on stderr; what it prints may hold what it was given.
            logging=command.remote.Logging.STDERR,
            opts=ResourceOptions.merge(_PRINTED, opts),
        )

    async def execute(self, script: str) -> str:
        """See `Shell.execute`."""
        ssh = await self.ssh.future()
        return await asyncio.to_thread(_execute, [*(ssh or []), "bash", "-s"], script, {})


@dataclass(frozen=True)
class LocalShell:
    """The shell of this computer; `environment` tells the docker client its engine."""

    environment: Mapping[str, str]

    def run(self, name: str, script: Script, opts: ResourceOptions) -> Command:
        """See `Shell.run`."""
        return command.local.Command(
            name,
            interpreter=["/bin/bash", "-c"],
            environment=dict(self.environment),
            create="bash -s",
            stdin=script.create,
            delete=script.delete,
            triggers=list(script.triggers),
            add_previous_output_in_env=False,
            logging=command.local.Logging.STDERR,
            opts=ResourceOptions.merge(_PRINTED, opts),
        )

    async def execute(self, script: str) -> str:
        """See `Shell.execute`."""
        return await asyncio.to_thread(_execute, ["bash", "-s"], script, self.environment)


def _execute(command_line: Sequence[str], script: str, environment: Mapping[str, str]) -> str:
    ran = subprocess.run(
        command_line,
        input=script,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return ran.stdout


def script(path: Path, **variables: Input[str]) -> Output[str]:
    """A static bash file with a header of variables in front: `wait="60"` becomes `readonly WAIT=60`."""
    return Output.all(**variables).apply(lambda known: with_variables(path.read_text(), known))


def delete(text: str, **variables: Input[str]) -> Output[str]:
    """A bash script with a header of variables in front, as a command line that stops at the first error."""
    return Output.all(**variables).apply(
        lambda known: f"bash -euo pipefail -c {shlex.quote(with_variables(text, known))}"
    )


def with_variables(text: str, variables: Mapping[str, str]) -> str:
    """The script with the variables in front of it, after its `#!` line if it has one; all quoted."""
    header = "".join(f"readonly {name.upper()}={shlex.quote(value)}\n" for name, value in variables.items())
    if text.startswith("#!"):
        shebang, rest = text.split("\n", 1)
        return f"{shebang}\n{header}{rest}"
    return header + text
