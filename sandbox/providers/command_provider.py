"""pulumi-command: commands run here or on a machine over SSH.

As the official 1.2.1 does it: `update` falls back to `create`; a changed trigger replaces; a non-zero
exit fails the resource with its output; deletion runs `delete` with the environment of the state.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Mapping
from threading import Event
from typing import ClassVar

from sandbox.providers import ssh
from sandbox.providers.resource import (
    Created,
    Function,
    Properties,
    Property,
    Provider,
    ProviderError,
    ResourceType,
)

_COMMON = {
    "create": Property(),
    "update": Property(),
    "delete": Property(),
    "environment": Property(),
    "stdin": Property(),
    "triggers": Property(replaces=True),
    "logging": Property(),
    "addPreviousOutputInEnv": Property(),
}
_LOCAL = {"interpreter": Property(), "dir": Property()}
_CONNECTION = {
    "host": Property(required=True),
    **{
        name: Property()
        for name in (
            *("user", "port", "password", "privateKey", "privateKeyPassword"),
            *("agentSocketPath", "dialErrorLimit", "perDialTimeout", "proxy", "hostKey"),
        )
    },
}


class _Command(ResourceType):
    """What local and remote commands have in common."""

    ended: ClassVar[str] = "exit status"
    """How the error of a command begins that ended with a status other than 0."""
    _cancelled: Event

    def configure(self, config: Properties, cancelled: Event) -> None:
        self._cancelled = cancelled

    def create(self, inputs: Properties) -> Created:
        return Created(secrets.token_hex(4), self._outputs(inputs, inputs.get("create")))

    def read(self, identifier: str, state: Properties) -> Created:
        return Created(identifier, state)

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        previous = {"stdout": state.get("stdout", ""), "stderr": state.get("stderr", "")}
        command = inputs.get("update") or inputs.get("create")
        return Created(identifier, self._outputs({**inputs, **previous}, command))

    def delete(self, identifier: str, state: Properties) -> None:
        if command := state.get("delete"):
            self._outputs(state, command)

    def _outputs(self, properties: Properties, command: object) -> Properties:
        if not isinstance(command, str):
            # Nothing to run: an update keeps what the last command said.
            return {"stdout": "", "stderr": "", **properties}
        finished = self._run(properties, command)
        if finished.status:
            raise ProviderError(
                f"{self.ended} {finished.status}: running {_quoted(command)}:\n"
                f"{finished.stdout}{finished.stderr}"
            )
        return {
            **properties,
            "stdout": finished.stdout.removesuffix("\n"),
            "stderr": finished.stderr.removesuffix("\n"),
        }

    def _run(self, properties: Properties, command: str) -> ssh.Finished:
        raise NotImplementedError


class LocalCommand(_Command):
    """A command on this computer."""

    token = "command:local:Command"  # noqa: S105
    properties = {**_COMMON, **_LOCAL}

    def _run(self, properties: Properties, command: str) -> ssh.Finished:
        return run_here(properties, command)


class RemoteCommand(_Command):
    """A command on a machine."""

    token = "command:remote:Command"  # noqa: S105
    properties = {**_COMMON, "connection": Property(required=True, secret=True, fields=_CONNECTION)}
    ended = "Process exited with status"

    def _run(self, properties: Properties, command: str) -> ssh.Finished:
        if properties.get("environment"):
            raise ProviderError(
                "environment needs AcceptEnv in the machine's sshd, which Debian and Ubuntu do not set"
            )
        connection = ssh.Connection.of(properties["connection"])
        return ssh.run(connection, command, str(properties.get("stdin") or ""), self._cancelled)


class LocalRun(Function):
    """A command run at each preview and update; nothing of it is kept."""

    token = "command:local:run"  # noqa: S105
    properties = {"command": Property(required=True), **_COMMON, **_LOCAL}

    def invoke(self, arguments: Properties) -> Properties:
        command = str(arguments["command"])
        finished = run_here(arguments, command)
        if finished.status:
            raise ProviderError(
                f"exit status {finished.status}: running {_quoted(command)}:\n"
                f"{finished.stdout}{finished.stderr}"
            )
        return {
            **arguments,
            "stdout": finished.stdout.removesuffix("\n"),
            "stderr": finished.stderr.removesuffix("\n"),
        }


def _quoted(command: str) -> str:
    """As Go quotes a text."""
    return json.dumps(command, ensure_ascii=False)


def run_here(properties: Properties, command: str) -> ssh.Finished:
    """Run a command on this computer, as the inputs of a local command say."""
    interpreter = properties.get("interpreter")
    words = [str(word) for word in interpreter] if isinstance(interpreter, list) else ["/bin/sh", "-c"]
    environment = dict(os.environ)
    given = properties.get("environment")
    if isinstance(given, Mapping):
        environment |= {name: str(value) for name, value in given.items()}
    if properties.get("addPreviousOutputInEnv") is not False:
        for name in ("stdout", "stderr"):
            if previous := properties.get(name):
                environment[f"PULUMI_COMMAND_{name.upper()}"] = str(previous)
    directory = properties.get("dir")
    process = subprocess.run(
        [*words, command],
        input=str(properties.get("stdin") or ""),
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=directory if isinstance(directory, str) else None,
    )
    return ssh.Finished(process.returncode, process.stdout, process.stderr)


PROVIDER = Provider("command", [LocalCommand, RemoteCommand], [LocalRun])
