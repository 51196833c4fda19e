"""One stack whose program a test exchanges between updates."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pulumi.automation import CommandError, EngineEvent, OpType

from sandbox.cloud import APIS, Cloud
from sandbox.engine import PASSPHRASE, Engine, Policies, Project
from sandbox.state import State

PROJECT = "homeport"
_FIRST = "first"
Program = Callable[[], object]
Changes = dict[str, int]
"""Number of resources by what is done to them; those that stay the same are left out."""


class Trial:
    """A stack of its own in the engine home that all tests share."""

    def __init__(self, home: Path, stack: str, world: Path) -> None:
        self._program: Program = _nothing
        Cloud(world).switch_on(*APIS)
        _make(home, stack)
        self.world = world
        """HOMEPORT_SANDBOX of this stack's providers."""
        self.engine = Engine(home, Project(stack, self._run, name=PROJECT), {"HOMEPORT_SANDBOX": str(world)})

    def preview(self, program: Program) -> Changes:
        """What an update to this program would do."""
        self._program = program
        return _changes(self.engine.preview().change_summary)

    def up(self, program: Program) -> Changes:
        """Update to this program."""
        return self.up_with_steps(program)[0]

    def up_with_steps(self, program: Program) -> tuple[Changes, list[str]]:
        """Update to this program; also each step as `operation name`, in the order of their ends."""
        self._program = program
        steps: list[str] = []

        def note(event: EngineEvent) -> None:
            if event.res_outputs_event:
                metadata = event.res_outputs_event.metadata
                steps.append(f"{metadata.op.value} {metadata.urn.rsplit('::', 1)[-1]}")

        result = self.engine.up(note)
        return _changes(result.summary.resource_changes or {}), steps

    def failing_up(self, program: Program, policies: Policies | None = None) -> str:
        """Update to a program that must fail; everything the engine said."""
        self._program = program
        with pytest.raises(CommandError) as caught:
            self.engine.up(policies=policies)
        return str(caught.value)

    def failing_preview(self, program: Program, policies: Policies | None = None) -> str:
        """Preview a program that must fail; everything the engine said."""
        self._program = program
        with pytest.raises(CommandError) as caught:
            self.engine.preview(policies=policies)
        return str(caught.value)

    def said_by_preview(self, program: Program, policies: Policies | None = None) -> str:
        """Preview an update to this program; what the engine prints, differences in full."""
        self._program = program
        return self.engine.preview(diff=True, policies=policies).stdout

    def said_by_up(self, program: Program, policies: Policies | None = None) -> str:
        """Update to this program; what the engine prints."""
        self._program = program
        return self.engine.up(policies=policies).stdout

    def refresh(self) -> Changes:
        """Ask the world what is there."""
        return _changes(self.engine.refresh().summary.resource_changes or {})

    def destroy(self) -> Changes:
        """Give everything up."""
        return _changes(self.engine.destroy().summary.resource_changes or {})

    def begin_as(self, other: Trial) -> None:
        """Stand where another stack stands, in a world of its own that is like the other's now."""
        shutil.copytree(other.world, self.world, dirs_exist_ok=True)
        text, (old, new) = other.engine.state(), (one.engine.project.stack for one in (other, self))
        named = (("urn:pulumi:", "::"), (f"organization/{PROJECT}/", '"'), (f"Stack::{PROJECT}-", '"'))
        for before, after in named:
            text = text.replace(f"{before}{old}{after}", f"{before}{new}{after}")
        self.engine.saved.path.write_text(text)

    def forget(self) -> None:
        """Forget everything without a look at the world: whoever made it has removed it."""
        self.engine.saved.path.unlink()
        _make(self.engine.directory, self.engine.project.stack)

    def _run(self) -> None:
        self._program()

    def resources(self) -> list[str]:
        """Names of the resources in the state; the stack and providers are left out."""
        return [
            resource.urn.rsplit("::", 1)[-1]
            for resource in self.engine.saved.resources()
            if not resource.type.startswith("pulumi:")
        ]

    def outputs(self) -> dict[str, object]:
        """The stack's outputs; secrets are plain text here."""
        return self.engine.outputs()


def _nothing() -> None:
    """A program without resources."""


def _make(home: Path, stack: str) -> None:
    """A stack without resources, unless it is there: a copy of the home's first one, which the engine made.

    `pulumi stack init` takes half a second, mostly for the key of a new salt; copies have the first one's.
    """
    first, new = (State(home / "state", PROJECT, name, PASSPHRASE) for name in (_FIRST, stack))
    if new.exists():
        return
    if not first.exists():
        Engine(home, Project(_FIRST, _nothing, name=PROJECT))
    name = f"organization/{PROJECT}/"
    new.path.write_text(first.text().replace(f"{name}{_FIRST}", f"{name}{stack}"))
    settings = home / "project"
    shutil.copy(settings / f"Pulumi.{_FIRST}.yaml", settings / f"Pulumi.{stack}.yaml")


def _changes(summary: Mapping[OpType, int]) -> Changes:
    # The SDK promises members of OpType, and gives plain strings after an update.
    counted = {OpType(operation).value: count for operation, count in summary.items()}
    return {operation: count for operation, count in counted.items() if operation != "same"}
