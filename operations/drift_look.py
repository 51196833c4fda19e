"""The state of a stack compared with the world; nothing is changed, the state neither."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from components.host.settings import LocalSettings
from operations.deployed_stack import DeployedStack, PulumiError, Run
from operations.drift_events import Comparison, read_comparison
from operations.drift_facts import DriftedFact, DriftFacts, SkippedFact
from operations.drift_machine import (
    FoundContainer,
    KnownContainer,
    Recorded,
    found_containers,
    known_containers,
    with_environments,
)
from operations.status_facts import Attention
from operations.status_place import Place, UnreachableError
from stacks.mistakes import MistakesError

_ON_MACHINE = "docker:index/"
"""What begins so is asked of the machine, by SSH. The provider itself is not asked anything."""
_SECONDS = 10
Ask = Callable[[Place, Sequence[str]], Sequence[FoundContainer]]
"""Asks a place for containers by name. Raises `UnreachableError`."""


class Scope(Enum):
    """What is looked at."""

    ALL = "all"
    CLOUD = "cloud"
    """Not the machine."""
    AUTO = "auto"
    """The machine if it can be reached."""


class _Deployment(BaseModel):
    resources: Sequence[Recorded] = ()


class _Export(BaseModel):
    deployment: _Deployment = Field(default_factory=_Deployment)


@dataclass(frozen=True)
class DriftQuestion:
    """Which stack is asked about, and with what."""

    stack: str
    run: Run
    scope: Scope = Scope.ALL
    now: datetime | None = None
    """None: this computer's clock."""
    ask: Ask = found_containers
    greeted: Callable[[Place], None] | None = None
    """Raises `UnreachableError` where nobody answers. None: `greeted_by`."""
    update: str = ""
    """The command that updates the stack; empty: `pulumi up`."""


def look(question: DriftQuestion) -> DriftFacts:
    """Compare. Never raises: what could not be looked at is told."""
    if not question.stack:
        return unread("?", "no stack was named", now=question.now)
    try:
        stack = DeployedStack.read(question.stack, question.run)
        resources = recorded(question.run, question.stack)
    except (PulumiError, MistakesError, ValidationError) as error:
        said = f"the stack {question.stack} cannot be read: {error}"
        return unread(question.stack, said, now=question.now)
    if not resources or "address" not in stack.outputs:
        update = question.update or f"pulumi up -s {question.stack}"
        nothing = f"nothing of the stack {question.stack} is deployed"
        return unread(question.stack, nothing, update, now=question.now)
    facts = DriftFacts(stack=question.stack, time=question.now or _now())
    return facts.model_copy(update=_Look(question, stack, resources).found())


def unread(stack: str, what: str, do: str = "", *, now: datetime | None = None) -> DriftFacts:
    """The answer where the stack itself could not be read."""
    problem = Attention(
        what=what,
        do=do or "pulumi stack ls shows the stacks; STACK=<name> says which, and its passphrase must be set",
    )
    return DriftFacts(stack=stack, time=now or _now(), could_not_look=problem)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def recorded(run: Run, stack: str) -> Sequence[Recorded]:
    """The resources of the state, secrets in plain text. Raises `PulumiError`, `ValidationError`."""
    exported = run(["stack", "export", "--show-secrets", "--stack", stack])
    return _Export.model_validate_json(exported).deployment.resources


@dataclass(frozen=True)
class Comparing:
    """How the engine is asked."""

    run: Run
    stack: str
    with_machine: bool = True
    with_program: bool = False
    """Whether the program runs for it: that writes the keys which reach the machine on a new computer."""

    def comparison(self) -> Comparison:
        """Ask it. Raises `PulumiError` with its first error."""
        arguments = ["refresh", "--preview-only", "--json"]
        if self.with_program:
            arguments.append("--run-program")
        if not self.with_machine:
            arguments += ["--exclude", f"**{_ON_MACHINE}**"]
        try:
            found = read_comparison(self.run([*arguments, "--stack", self.stack]))
        except PulumiError as error:
            raise PulumiError(_first_error(str(error))) from None
        except ValidationError as error:
            raise PulumiError(f"the engine's answer makes no sense: {error}") from error
        if found.errors:
            raise PulumiError(found.errors[0])
        return found


def with_machine(
    drifted: Sequence[DriftedFact], known: Sequence[KnownContainer], place: Place, ask: Ask
) -> tuple[DriftedFact, ...]:
    """What the engine found, and what only the machine can tell. Raises `UnreachableError`."""
    found = ask(place, [each.name for each in known]) if known else ()
    return with_environments(drifted, known, found)


def greeted_by(place: Place, address: str) -> None:
    """Wait for the SSH server's greeting. Raises `UnreachableError`.

    The provider alone would try for two minutes, for each resource.
    """
    if not place.is_remote:
        return
    try:
        with socket.create_connection((address, 22), timeout=_SECONDS) as connection:
            if not connection.recv(4).startswith(b"SSH"):
                raise UnreachableError("port 22 is no SSH server")
    except OSError as error:
        raise UnreachableError(f"SSH does not answer: {error}") from error


class _Look:
    def __init__(self, question: DriftQuestion, stack: DeployedStack, resources: Sequence[Recorded]) -> None:
        self._question, self._stack, self._resources = question, stack, resources
        self._address = str(stack.outputs["address"])
        self._place, self._is_known = _place(question.stack, stack)

    def found(self) -> dict[str, object]:
        skipped: SkippedFact | None = None
        if self._question.scope is Scope.CLOUD:
            skipped = self._skipped("it was not asked for (CLOUD=1)")
        else:
            try:
                self._greet()
            except UnreachableError as error:
                if self._question.scope is Scope.ALL:
                    return {"could_not_look": self._unreachable(error)}
                skipped = self._skipped(f"the machine {self._address} cannot be reached from here: {error}")
        try:
            return self._compared(skipped)
        except UnreachableError as error:
            return {"could_not_look": self._unreachable(error)}
        except PulumiError as error:
            return {
                "could_not_look": Attention(
                    what=f"the comparison with the world failed: {error}",
                    do=f"pulumi refresh --preview-only --diff -s {self._question.stack}",
                )
            }

    def _compared(self, skipped: SkippedFact | None) -> dict[str, object]:
        asking = Comparing(
            self._question.run, self._question.stack, skipped is None, skipped is None and not self._is_known
        )
        comparison = asking.comparison()
        drifted = comparison.drifted
        if skipped is None:
            known = known_containers(self._resources)
            drifted = with_machine(drifted, known, self._place, self._question.ask)
        return {
            "looked_at": comparison.looked_at,
            "drifted": drifted,
            "unnamed": comparison.unnamed,
            "skipped": skipped,
        }

    def _greet(self) -> None:
        if self._question.greeted:
            self._question.greeted(self._place)
        else:
            greeted_by(self._place, self._address)

    def _skipped(self, why: str) -> SkippedFact:
        urns = [each.urn for each in self._resources if each.type.startswith(_ON_MACHINE)]
        what = f"{len(urns)} resources on the machine: containers, images, networks and volumes"
        return SkippedFact(what=what, why=why, urns=tuple(urns))

    def _unreachable(self, error: UnreachableError) -> Attention:
        if not self._place.is_remote:
            return Attention(
                what=f"this computer's Docker engine cannot be asked: {error}", do="start Docker"
            )
        return Attention(
            what=f"the machine {self._address} cannot be asked: {error}",
            do=(
                "see that this computer's address is in host.ssh.allowFrom and that the machine runs;"
                " CLOUD=1 looks at all but the machine"
            ),
        )


def _place(name: str, stack: DeployedStack) -> tuple[Place, bool]:
    """Where the containers run, and whether this computer has the keys at the place that the state says."""
    host = stack.settings.host
    if isinstance(host, LocalSettings):
        return Place(name, "", host.docker_host), True
    command = str(stack.outputs.get("ssh", ""))
    recorded_key = Path(command.partition(" -i ")[2].partition(" -o ")[0])
    if recorded_key.is_file():
        return Place(name, command), True
    # The last update ran on another computer; the program, when it runs here, writes them here.
    here = Path(host.ssh.directory).expanduser() / name.rpartition("/")[2]
    return Place(name, command.replace(str(recorded_key.parent), str(here))), False


def _first_error(said: str) -> str:
    """Of a failed command: what the engine's digest says went wrong, else its last line."""
    try:
        errors = read_comparison(said).errors
    except ValidationError:
        errors = ()
    if errors:
        return errors[0]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "no word"
