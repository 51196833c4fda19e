"""The unchanged program under the real Pulumi engine, with the sandbox's plugins and nothing of the user's.

State, plugins and configuration live in the sandbox's folder: a private PULUMI_HOME with a plugin for each
stand-in in exactly the version that the SDK asks for, and a file backend.
"""

from __future__ import annotations

import functools
import json
import os
import runpy
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml
from pulumi import ResourceTransformationArgs, automation
from pulumi.automation import CommandError, ConfigValue, EngineEvent
from pulumi.runtime import register_stack_transformation
from pulumi.runtime._callbacks import _CallbackServicer

from sandbox.inline_programs import keep_apart
from sandbox.plugins import install
from sandbox.registry import ask_for
from sandbox.state import State
from sandbox.workspace import FolderStack, FolderWorkspace, engine_command
from tools.engine import find_engine

REPOSITORY = Path(__file__).parent.parent
POLICY_PACK = REPOSITORY / "policies" / "run"
"""As a program: the folder beside it needs a language host that the engine of `make setup` may lack."""
PASSPHRASE = "sandbox"  # noqa: S105  of a state that holds the secrets of a sandbox only
REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage"
Progress = Callable[[EngineEvent], None]
Result = TypeVar("Result")
LOST = ("Resource monitor has terminated", "Exception calling application: <_InactiveRpcError")
"""What the SDK says when an inline program cannot reach its engine."""


@dataclass(frozen=True)
class Project:
    """A program and the settings of one stack of it."""

    stack: str
    program: Callable[[], None]
    config: Mapping[str, object] = field(default_factory=dict)
    """Keys with their namespace; values as in a stack file."""
    name: str = "homeport"
    main: Path | None = None
    """Folder of the program for a `pulumi` that is run by hand; None where there is none."""


def homeport(stack: str, changes: Mapping[str, object] | None = None) -> Project:
    """Homeport's own program with a shipped stack file, some of its keys replaced."""
    settings = yaml.safe_load((REPOSITORY / "stacks" / f"Pulumi.{stack}.yaml").read_text())
    config = {**settings["config"], **(changes or {})}
    return Project(stack, _run_main, config, main=REPOSITORY)


def _run_main() -> None:
    runpy.run_path(str(REPOSITORY / "__main__.py"), run_name="__main__")


@dataclass(frozen=True)
class Policies:
    """Homeport's policy pack beside a preview or an update."""

    levels: Mapping[str, str] = field(default_factory=dict)
    """Rule -> `mandatory`, `advisory` or `disabled`, where it is not the rule's own level."""


class Engine:
    """Runs one project in one sandbox's folder."""

    def __init__(
        self, directory: Path, project: Project, environment: Mapping[str, str] | None = None
    ) -> None:
        keep_apart()
        self.directory = directory
        self.project = project
        self._updating = False
        self.folder = directory / "project"
        """With Pulumi.yaml and the stack file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (directory / "state").mkdir(exist_ok=True)
        install(directory / "pulumi-home")
        self.environment = {
            "PULUMI_HOME": str(directory / "pulumi-home"),
            "PULUMI_BACKEND_URL": f"file://{directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "HOMEPORT_SANDBOX": str(directory),
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
            **(environment or {}),
        }
        self._write_project()
        self.saved = State(directory / "state", project.name, project.stack, PASSPHRASE)
        """What the engine keeps of the stack."""
        command = engine_command(find_engine().parent.parent)
        self._stack = FolderStack(
            FolderWorkspace(self.saved, self.folder, self._program, self.environment, command)
        )

    def _program(self) -> None:
        # Pulumi stops the servers of hooks at the end of a run, those of earlier runs in this process too;
        # each belongs to the event loop of its run, which is gone (grpc raises RuntimeError).
        _CallbackServicer._servicers.clear()
        if self._updating:
            register_stack_transformation(self._have_image_made)
        self.project.program()

    def _have_image_made(self, args: ResourceTransformationArgs) -> None:
        """Ask for the images that the program is about to pull: they are made while its machine boots."""
        if args.type_ == REMOTE_IMAGE and isinstance(args.props.get("name"), str):
            ask_for(self.directory, str(args.props["name"]))

    def preview(
        self, progress: Progress | None = None, *, diff: bool = False, policies: Policies | None = None
    ) -> automation.PreviewResult:
        """What an update would do; with `diff`, its text shows every property that changes.

        Raises `CommandError` where a mandatory policy is broken.
        """
        packs, levels = self._packs(policies)
        run = functools.partial(
            self._stack.preview, diff=diff, policy_packs=packs, policy_pack_configs=levels
        )
        return _connected(run, progress)

    def up(
        self, progress: Progress | None = None, *, refresh: bool = False, policies: Policies | None = None
    ) -> automation.UpResult:
        """Make it so. Raises `CommandError` where a resource fails or breaks a mandatory policy."""
        packs, levels = self._packs(policies)
        run = functools.partial(
            self._stack.up, refresh=refresh, policy_packs=packs, policy_pack_configs=levels
        )
        self._updating = True
        try:
            return _connected(run, progress)
        finally:
            self._updating = False

    def refresh(
        self, progress: Progress | None = None, target: list[str] | None = None
    ) -> automation.RefreshResult:
        """Ask the world what the resources are now."""
        return self._stack.refresh(on_event=progress, target=target)

    def destroy(self, progress: Progress | None = None) -> automation.DestroyResult:
        """Give up everything, what is protected included."""
        if any(resource.protect for resource in self.saved.resources()):
            self.command("state", "unprotect", "--all", "--yes")
        return self._stack.destroy(on_event=progress)

    def cancel(self) -> None:
        """Break the lock that a killed update left behind."""
        self._stack.cancel()

    def release_stale_locks(self) -> None:
        """Break the locks of engines that are gone, as after a power cut; one that runs keeps its own."""
        locks = self.directory / "state" / ".pulumi" / "locks" / "organization"
        found = (locks / self.project.name / self.project.stack).glob("*.json")
        holders = [json.loads(path.read_text()).get("pid") for path in found]
        if holders and not any(Path(f"/proc/{holder}").exists() for holder in holders):
            self.cancel()

    def has_resources(self) -> bool:
        """Whether anything of the stack is deployed."""
        return bool(self.saved.resources())

    def outputs(self) -> dict[str, object]:
        """The stack's outputs; secrets are plain text here."""
        return dict(self.saved.outputs())

    def state(self) -> str:
        """The stack's state as text, as it is stored: secrets encrypted."""
        return self.saved.text()

    def forget(self, kind: str) -> None:
        """Take the resources whose type begins so, and all that needs them, out of the state; they stay."""
        while True:
            found = [one.urn for one in self.saved.resources() if one.type.startswith(kind)]
            if not found:
                return
            self.command("state", "delete", found[0], "--force", "--target-dependents", "--yes")

    def set_secret(self, name: str, value: str) -> None:
        """A secret of the stack's configuration."""
        self._stack.set_config(name, ConfigValue(value, secret=True))

    def set_secrets(self, secrets: Mapping[str, str], *, only: bool = False) -> None:
        """Several at once; those that are set already stay as they are. `only`: all others are forgotten."""
        there = self._stored_secrets()
        if only and (there.keys() - secrets.keys()):
            stored = yaml.safe_load(self._stack_file.read_text())
            for name in there.keys() - secrets.keys():
                del stored["config"][name]
            self._stack_file.write_text(yaml.safe_dump(stored, sort_keys=False))
        if new := {name: value for name, value in secrets.items() if name not in there}:
            self._stack.set_all_config({name: ConfigValue(value, secret=True) for name, value in new.items()})

    def remove_config(self, name: str) -> None:
        """Forget a key of the stack's configuration, if it is there."""
        if name in self._stack.get_all_config():
            self._stack.remove_config(name)

    def command(self, *arguments: str) -> str:
        """Any other command of the engine on this stack; its standard output."""
        result = self._stack._run_pulumi_cmd_sync([*arguments, "--stack", self.project.stack])
        return str(result.stdout)

    def _packs(self, policies: Policies | None) -> tuple[list[str], list[str]]:
        """The packs to run, and for each the file that configures it."""
        if policies is None:
            return [], []
        levels = self.folder / "policies.json"
        levels.write_text(json.dumps(dict(policies.levels)))
        return [str(POLICY_PACK)], [str(levels)]

    @property
    def _stack_file(self) -> Path:
        return self.folder / f"Pulumi.{self.project.stack}.yaml"

    def _write_project(self) -> None:
        """Pulumi.yaml and the stack file; what the engine itself wrote into the latter stays."""
        described = {"name": self.project.name, "runtime": "python"}
        if self.project.main:
            described["main"] = str(self.project.main)
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(described))
        path = self._stack_file
        old = (yaml.safe_load(path.read_text()) if path.exists() else None) or {}
        config = {**self._stored_secrets(), **self.project.config}
        path.write_text(yaml.safe_dump({**old, "config": config}, sort_keys=False))

    def _stored_secrets(self) -> dict[str, object]:
        """The secrets of the stack file by key, encrypted."""
        path = self._stack_file
        stored = (yaml.safe_load(path.read_text()) if path.exists() else None) or {}
        return {
            key: value
            for key, value in (stored.get("config") or {}).items()
            if isinstance(value, dict) and "secure" in value
        }


def _connected(run: Callable[..., Result], progress: Progress | None) -> Result:
    """Run it, and once more where the program lost its engine before the engine began with any resource.

    Seen twice in some thousand runs, under load. A user's program runs in a process of its own.
    """
    begun: list[str] = []

    def note(event: EngineEvent) -> None:
        if event.resource_pre_event and event.resource_pre_event.metadata.type != "pulumi:pulumi:Stack":
            begun.append(event.resource_pre_event.metadata.urn)
        if progress:
            progress(event)

    try:
        return run(on_event=note)
    except CommandError as problem:
        if begun or not any(words in str(problem) for words in LOST):
            raise
        sys.stderr.write(f"Once more, since the program lost its engine: {problem}\n")
        return run(on_event=note)
