"""`make status`: one screen that says whether a deployed stack is well.

The machine is asked once, over SSH; certificates and names are asked from this computer, as the world does.
The exit status is 0 where all is well, 1 where something needs attention, 2 where it could not look.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from components.edge.settings import AcmeSettings
from components.host.settings import LocalSettings
from operations.deployed_stack import DeployedStack, PulumiError, Run
from operations.drift_look import Ask
from operations.drift_machine import found_containers
from operations.resolver import DnsResolver, Resolver
from operations.status_backup import backup_fact
from operations.status_certificate import Show, Trust, certificate_fact, shown_by
from operations.status_drift import drift_fact
from operations.status_facts import Attention, CertificateFact, DriftFact, Judged, NameFact, StatusFacts
from operations.status_interruption import interruption
from operations.status_machine import machine_fact
from operations.status_machine_report import MachineReport
from operations.status_names import name_facts
from operations.status_place import Place, UnreachableError
from operations.status_screen import screen
from operations.status_services import Services
from operations.status_state import RecordedState
from operations.workspace import PROJECT, Workspace, WorkspaceError
from stacks.mistakes import MistakesError
from tools.tls_contexts import browser_context


@dataclass(frozen=True)
class Question:
    """What is asked about which stack, and with what."""

    stack: str
    run: Run
    resolver: Resolver
    project: Path = PROJECT
    root: Path | None = None
    drift: bool = False
    report: Callable[[Place, str], MachineReport] = Place.report
    show: Callable[[str, Trust], Show] = shown_by
    ask: Ask = found_containers
    """Asks the machine for its containers' environment."""
    now: datetime | None = None
    """None: this computer's clock."""
    update: str = ""
    """The command that updates the stack and writes its keys; empty: `pulumi`."""
    shell_finds_stack: bool = True
    """Whether `pulumi` in the operator's shell knows the stack."""


def look(question: Question) -> StatusFacts:
    """Everything about a stack. Never raises: what could not be looked at is told."""
    now = question.now or datetime.now(UTC).replace(microsecond=0)
    name = question.stack
    if not name:
        return _blind("?", now, "no stack was named")
    try:
        stack = DeployedStack.read(name, question.run)
        state = RecordedState.parse(question.run(["stack", "export", "--stack", name]))
    except (PulumiError, MistakesError, ValidationError) as error:
        return _blind(name, now, f"the stack {name} cannot be read: {error}")
    if "address" not in stack.outputs or not state.deployment:
        update = question.update or f"pulumi up -s {name}"
        problem = Attention(what=f"nothing of the stack {name} is deployed", do=update)
        return StatusFacts(stack=name, time=now, could_not_look=problem)
    return _Look(question, stack, state, now).facts()


def _blind(name: str, now: datetime, what: str, do: str = "") -> StatusFacts:
    do = do or "pulumi stack ls shows the stacks; STACK=<name> says which, and its passphrase must be set"
    return StatusFacts(stack=name, time=now, could_not_look=Attention(what=what, do=do))


class _Look:
    """One look at a stack that is deployed."""

    def __init__(self, question: Question, stack: DeployedStack, state: RecordedState, now: datetime) -> None:
        self._question, self._stack, self._state, self._now = question, stack, state, now
        host = stack.settings.host
        self._is_public = not isinstance(host, LocalSettings)
        self._address = str(stack.outputs["address"])
        self._place = Place(
            question.stack,
            str(stack.outputs.get("ssh", "")),
            host.docker_host if isinstance(host, LocalSettings) else None,
            question.update,
        )

    def facts(self) -> StatusFacts:
        """Ask everybody at once: most of the time is waiting."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            report = pool.submit(self._question.report, self._place, self._state.deployment)
            names = pool.submit(self._names)
            drift = pool.submit(self._drift)
            certificates = pool.submit(self._certificates)
        facts = StatusFacts(
            stack=self._question.stack,
            time=self._now,
            address=self._address,
            shell=self._place.shell if self._question.shell_finds_stack else self._place.ssh,
            certificates=certificates.result(),
            names=names.result(),
            backup_configured="backup" in self._stack.outputs,
            drift=drift.result(),
            update=self._update(),
        )
        try:
            return facts.model_copy(update=self._of_machine(report))
        except UnreachableError as error:
            return facts.model_copy(update={"could_not_look": self._unreachable(error)})

    def _of_machine(self, asked: Future[MachineReport]) -> dict[str, object]:
        report = asked.result()
        configured = "backup" in self._stack.outputs
        return {
            "machine": machine_fact(report, self._place),
            "services": Services(self._place, self._state, report.engine, report.time).facts(),
            "backup": backup_fact(report.backup, self._state.since, self._place, report.time)
            if configured
            else None,
        }

    def _unreachable(self, error: UnreachableError) -> Attention:
        if not self._place.is_remote:
            return Attention(what=f"this computer cannot be asked: {error}", do="start Docker")
        keys = self._question.update or f"pulumi preview -s {self._question.stack}"
        return Attention(
            what=f"the machine {self._address} cannot be asked: {error}",
            do=(
                f"{keys} writes the keys if they are not on this computer;"
                " see that this computer's address is in host.ssh.allowFrom and that the machine runs"
                " (docs/operations.md, The machine is gone)"
            ),
        )

    def _update(self) -> Judged:
        return Judged(
            attention=interruption(self._state, self._question.run, self._question.stack, self._place.up)
        )

    def _names(self) -> tuple[NameFact, ...]:
        if not self._is_public:
            return ()
        return tuple(name_facts(self._stack.records, self._question.resolver, self._place))

    def _certificates(self) -> tuple[CertificateFact, ...]:
        settings = self._stack.settings.edge.certificate
        if not isinstance(settings, AcmeSettings) or not self._is_public:
            return ()
        trust = Trust.of(settings, self._question.root, self._question.project)
        show = self._question.show(self._address, trust)
        hostnames = [name for name, _, _, kind, *_ in map(str.split, self._stack.records) if kind == "A"]
        with ThreadPoolExecutor(max_workers=8) as pool:
            asked = pool.map(
                lambda hostname: certificate_fact(
                    hostname.removesuffix("."), show, trust, self._place, self._now
                ),
                hostnames,
            )
            return tuple(asked)

    def _drift(self) -> DriftFact:
        if not self._question.drift:
            return DriftFact(checked=False)
        return drift_fact(self._question.run, self._place, self._question.ask)


def options(parser: argparse.ArgumentParser) -> None:
    """The arguments that say what is looked at, and by whose eyes."""
    parser.add_argument("--stack", required=True, help="the stack's name")
    parser.add_argument("--drift", action="store_true", help="compare state and world; takes long")
    parser.add_argument("--resolver", help="address of the DNS server to ask, instead of the stack's own")
    parser.add_argument("--root", type=Path, help="PEM file with the root of the authority of your own")
    parser.add_argument("--project", type=Path, default=PROJECT, help="folder of Pulumi.yaml")


def looked(given: argparse.Namespace) -> StatusFacts:
    """What is found, by these arguments."""
    try:
        workspace = Workspace.of(given.stack, given.project)
    except WorkspaceError as error:
        return _blind(given.stack, datetime.now(UTC).replace(microsecond=0), error.what, error.do)
    question = Question(
        given.stack,
        workspace.run(),
        DnsResolver(given.resolver or workspace.resolver),
        workspace.project,
        given.root or workspace.root,
        given.drift,
        update=workspace.update,
        shell_finds_stack=workspace.is_of_shell,
    )
    return look(question)


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at a stack, print what was found, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make status", description=__doc__)
    options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    given = parser.parse_args(arguments)
    if given.root:
        try:
            browser_context(given.root)
        except OSError as error:
            parser.error(f"--root: {given.root} is no PEM file with a certificate: {error}")
    facts = looked(given)
    if given.json:
        print(facts.as_json())
    else:
        print(screen(facts, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ), end="")
    return facts.exit_status


if __name__ == "__main__":
    sys.exit(main())
