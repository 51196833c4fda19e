"""How this computer reaches a stack: its project, the environment of `pulumi`, its resolver and root.

A stack whose backend and passphrase are those of the operator's shell needs nothing of this. Any other has a
file `stacks/<stack>.workspace.yaml` (docs/operations.md, "Stacks with a backend of their own").
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import ValidationError

from components.domain import Settings
from operations.deployed_stack import PulumiError, Run, runner
from tools.engine import find_engine

PROJECT = Path(__file__).parent.parent
"""Folder of Homeport's own Pulumi.yaml."""


class WorkspaceError(PulumiError):
    """The stack cannot be reached from here. The text says what is wrong, and what to do."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}: {do}")
        self.what, self.do = what, do


class WorkspaceFile(Settings):
    """A stack's workspace as YAML. Paths are relative to the folder of Pulumi.yaml, or begin with `~`."""

    file: Path | None = None
    """Another file of this kind that says all the rest, made by a program."""
    written_by: str | None = None
    """The command that makes `file`."""
    project: Path | None = None
    """Folder of another Pulumi.yaml, with the stack's settings beside it."""
    environment: dict[str, str] = {}
    """Variables for `pulumi`; they win over those of the shell."""
    path: list[Path] = []
    """Folders in front of `PATH`, for `pulumi` and its plugins."""
    resolver: str | None = None
    """Address of the DNS server that knows the stack's names."""
    root: Path | None = None
    """PEM file with the roots that the stack's certificates chain to."""
    registry: str = ""
    """URL of the registry that has the stack's images, instead of each image's own."""
    update: str | None = None
    """The command that updates the stack, where it is not `pulumi up`."""


@dataclass(frozen=True)
class Workspace:
    """Everything that a command about a stack needs besides the stack's name."""

    stack: str
    project: Path = PROJECT
    environment: Mapping[str, str] = field(default_factory=dict)
    path: Sequence[Path] = ()
    resolver: str | None = None
    """None: this computer's."""
    root: Path | None = None
    """None: the roots that this computer trusts."""
    registry: str = ""
    """Empty: each image's own."""
    update: str = ""
    """The command that updates the stack and writes its keys; empty: `pulumi`."""

    @classmethod
    def of(cls, stack: str, project: Path = PROJECT) -> Workspace:
        """The workspace of a stack by its name, by default the operator's own shell. Raises `WorkspaceError`.

        Of a stack with a long name, `organisation/project/stack`, the file's name has the last part.
        """
        path = project / "stacks" / f"{stack.rpartition('/')[2]}.workspace.yaml"
        if not stack or not path.is_file():
            return cls(stack, project)
        given = _read(path)
        if given.file:
            path = _absolute(given.file, project)
            if not path.is_file():
                raise WorkspaceError(
                    f"the stack {stack} is not deployed from this computer, there is no {given.file}",
                    f"{given.written_by or f'pulumi up -s {stack}'} first",
                )
            given = _read(path)
        folder = _absolute(given.project, project) if given.project else project
        if not (folder / "Pulumi.yaml").is_file():
            raise WorkspaceError(
                f"there is no Pulumi.yaml in {folder}, which {path} says is the stack's project",
                f"correct it, or {given.update} again" if given.update else "correct it",
            )
        return cls(
            stack,
            folder,
            {name: _expanded(value) for name, value in given.environment.items()},
            [_absolute(folder, project) for folder in given.path],
            given.resolver,
            _absolute(given.root, project) if given.root else None,
            given.registry,
            given.update or "",
        )

    @property
    def is_of_shell(self) -> bool:
        """Whether `pulumi` in the operator's shell reaches the stack as well."""
        return not self.environment

    @property
    def stack_folder(self) -> Path:
        """Folder of the stack's settings, `Pulumi.<stack>.yaml`."""
        described = yaml.safe_load((self.project / "Pulumi.yaml").read_text())
        return self.project / str(described.get("stackConfigDir", "."))

    def run(self) -> Run:
        """Runs `pulumi` for this stack."""
        path = os.pathsep.join((*map(str, self.path), os.environ.get("PATH", os.defpath)))
        program = shutil.which("pulumi", path=path) or find_engine()
        return runner(program, self.project, {**self.environment, "PATH": path})


def _read(path: Path) -> WorkspaceFile:
    try:
        return WorkspaceFile.model_validate(yaml.safe_load(path.read_text()) or {})
    except (ValidationError, yaml.YAMLError) as error:
        raise WorkspaceError(f"{path} is no workspace of a stack", str(error)) from error


def _absolute(path: Path, project: Path) -> Path:
    return project / path.expanduser()


def _expanded(value: str) -> str:
    """A path below the home directory in full, as a shell would give it; any other text as it is."""
    return str(Path(value).expanduser()) if value.startswith("~/") else value
