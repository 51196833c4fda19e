"""Homeport's stack as it runs in a box, and the ways a test looks at it."""

from __future__ import annotations

import json
import socket
import subprocess
from dataclasses import dataclass, field
from typing import Literal

from pulumi.automation import EngineEvent, OpType, UpResult

from sandbox.box import Box
from sandbox.box_description import Description
from sandbox.deployment import project, sandbox_folder
from sandbox.engine import Engine
from sandbox.https import Answer, get
from sandbox.images.catalogue import PREPARED_MACHINE

HOSTNAME = "chat.homeport.test"


def box_for_tests(name: str) -> Box:
    """A box whose machines have their packages: no test of this folder is about those."""
    return Box(sandbox_folder(name), machine=PREPARED_MACHINE)


@dataclass(frozen=True)
class Ran:
    """A command that ended."""

    status: int
    output: str


@dataclass
class Deployed:
    """The stack `sandbox` in the box of the tests."""

    box: Box
    description: Description
    engine: Engine
    said: list[str] = field(default_factory=list)
    """What the first update told: its events, and its text."""

    def hear(self, event: EngineEvent) -> None:
        """Keep what an update tells, but for what only `pulumi up --debug` shows."""
        if event.diagnostic_event is None or event.diagnostic_event.severity != "debug":
            self.said.append(json.dumps(event, default=vars))

    @classmethod
    def deploy(cls, box: Box, changes: dict[str, object] | None = None) -> Deployed:
        """Start a fresh box and deploy into it, with some settings of the stack file replaced."""
        box.stop()
        description = box.start()
        engine = Engine(box.directory, project(box, description, changes))
        deployed = cls(box, description, engine)
        result = deployed.engine.up(deployed.hear)
        deployed.said += [result.stdout, result.stderr]
        return deployed

    def with_changes(self, changes: dict[str, object] | None = None) -> Engine:
        """The engine, with some settings of the stack file replaced from now on."""
        self.engine = Engine(self.box.directory, project(self.box, self.description, changes))
        return self.engine

    def up(self, changes: dict[str, object] | None = None) -> UpResult:
        """Update with some settings of the stack file replaced."""
        return self.with_changes(changes).up()

    @property
    def address(self) -> str:
        """The machine's static address."""
        return str(self.engine.outputs()["address"])

    @property
    def app(self) -> dict[str, object]:
        """The app's outputs."""
        outputs = self.engine.outputs()["mattermost"]
        assert isinstance(outputs, dict)
        return outputs

    @property
    def password(self) -> str:
        """The administrator's."""
        administrator = self.app["administrator"]
        assert isinstance(administrator, dict)
        return str(administrator["password"])

    @property
    def machine(self) -> str:
        """Name of the container that is the machine."""
        labels = [f"homeport.sandbox={self.box.name}", "homeport.sandbox.machine"]
        (found,) = self.box.client.api.containers(all=True, filters={"label": labels})
        return str(found["Names"][0]).removeprefix("/")

    def on_machine(self, *command: str, stdin: str | None = None) -> Ran:
        """Run a command as root on the machine."""
        if stdin is not None:
            return run("docker", "exec", "--interactive", self.machine, *command, stdin=stdin)
        # Not by the command line: its start takes as long as all the rest.
        api = self.box.client.api
        begun = api.exec_create(self.machine, list(command))
        output: bytes = api.exec_start(begun["Id"])
        return Ran(int(api.exec_inspect(begun["Id"])["ExitCode"]), output.decode(errors="replace"))

    def docker(self, *arguments: str) -> str:
        """What the machine's docker client prints; it must succeed."""
        ran = self.on_machine("docker", *arguments)
        assert ran.status == 0, ran.output
        return ran.output.strip()

    def container(self, service: str) -> str:
        """Id of the running container of an app's service, or of the edge's by its role."""
        labelled = self.docker("ps", "--quiet", "--filter", f"label=homeport.service={service}")
        found = labelled or self.docker("ps", "--quiet", "--filter", f"label=homeport.role={service}")
        assert len(found.split()) == 1, f"{service}: {found!r}"
        return found

    def inspect(self, *names: str) -> list[dict[str, object]]:
        """What Docker on the machine knows of containers or networks."""
        inspected: list[dict[str, object]] = json.loads(self.docker("inspect", *names))
        return inspected

    def https(self, path: str = "/") -> Answer:
        """A verified answer of the app."""
        return get(HOSTNAME, self.address, self.box.acme_root, path)

    def serves(self) -> bool:
        """Whether the app answers by now: after a start of its container nginx follows a moment later."""
        try:
            return self.https("/api/v4/system/ping").status == 200
        except OSError:
            return False


def run(*command: str, stdin: str | None = None, timeout: float = 120) -> Ran:
    """Run a command here; output and errors together."""
    process = subprocess.run(
        command,
        input=stdin if stdin is not None else "",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=timeout,
    )
    return Ran(process.returncode, process.stdout)


def connects(address: str, port: int, timeout: float = 2) -> bool:
    """Whether somebody accepts a TCP connection."""
    try:
        socket.create_connection((address, port), timeout=timeout).close()
    except OSError:
        return False
    return True


def echoes(address: str, port: int, protocol: Literal["tcp", "udp"], timeout: float = 2) -> bool:
    """Whether what is sent to the port comes back."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect((address, port))
            connection.send(b"homeport")
            return connection.recv(64) == b"homeport"
        except OSError:
            return False


def changed(result: UpResult) -> dict[str, int]:
    """How many resources an update touched, by operation; empty where there was nothing to do."""
    changes = result.summary.resource_changes or {}
    return {operation.value: count for operation, count in changes.items() if operation is not OpType.SAME}
