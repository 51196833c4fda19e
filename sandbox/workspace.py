"""The Automation API where the backend is a folder of this computer.

The API asks the engine in a process each for what stands in the folder: whether there is such a stack, its
outputs twice, its history. Each takes up to a second, mostly for the key of the secrets.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path

from pulumi.automation import (
    LocalWorkspace,
    OpType,
    OutputMap,
    OutputValue,
    Stack,
    UpdateSummary,
)
from pulumi.automation._stack import StackInitMode

from sandbox.engine_command import EngineCommand
from sandbox.state import State


class FolderWorkspace(LocalWorkspace):
    """A workspace that reads the state itself."""

    def __init__(
        self,
        state: State,
        work_dir: Path,
        program: Callable[[], None],
        environment: Mapping[str, str],
        command: EngineCommand,
    ) -> None:
        super().__init__(
            work_dir=str(work_dir),
            pulumi_home=environment["PULUMI_HOME"],
            program=program,
            env_vars=environment,
            pulumi_command=command,
        )
        self.state = state

    def select_stack(self, stack_name: str) -> None:
        """Nothing: each command names its stack."""

    def stack_outputs(self, stack_name: str) -> OutputMap:
        """The stack's outputs; which of them are secret is not told."""
        return {name: OutputValue(value, secret=False) for name, value in self.state.outputs().items()}


class FolderStack(Stack):
    """A stack that is made where there is none."""

    def __init__(self, workspace: FolderWorkspace) -> None:
        self.state = workspace.state
        mode = StackInitMode.SELECT if self.state.exists() else StackInitMode.CREATE
        super().__init__(self.state.stack, workspace, mode)

    def info(self, show_secrets: bool = True) -> UpdateSummary:
        """The newest update, without its configuration."""
        update = self.state.last_update()
        return UpdateSummary(
            kind=update.kind,
            start_time=update.started,
            end_time=update.ended,
            message=update.message,
            environment={},
            config={},
            result=update.result,
            resource_changes={OpType(operation): count for operation, count in update.changes.items()},
        )


@functools.cache
def engine_command(root: Path) -> EngineCommand:
    """The engine in that folder; it is asked for its version once."""
    return EngineCommand(root=str(root))
