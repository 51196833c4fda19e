"""An app's first data out of a backup."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi import Output, Resource, ResourceOptions

from components.backup.machine_script import machine_script
from components.backup.plan import saved_volumes
from components.host.deployment import Deployment
from components.host.shell import Command, Script, Shell
from components.workload import (
    App,
    GeneratedHex,
    GeneratedPassword,
    GeneratedVapidKey,
    SecretSource,
    Text,
)

_GENERATED = (GeneratedPassword, GeneratedHex, GeneratedVapidKey)


@dataclass(frozen=True)
class Restored:
    """What was put into an app's volumes. Everything that uses them waits for `command`."""

    command: Command

    @property
    def snapshot(self) -> Output[str]:
        """Id of the snapshot; empty where it has nothing of this app."""
        return self._said("snapshot")

    def secrets(self, app: App) -> dict[SecretSource, Output[str]]:
        """The lasting secrets that the data was written with, each empty where the backup has none."""
        identity = self._said("identity")
        return {
            value.parts[0]: identity.apply(lambda lines, name=name: _value(lines, name))  # type: ignore[misc]
            for name, value in app.identity.items()
            if isinstance(value, Text) and len(value.parts) == 1 and isinstance(value.parts[0], _GENERATED)
        }

    def _said(self, key: str) -> Output[str]:
        stdout: Output[str] = Output.secret(self.command.stdout)
        return stdout.apply(lambda text: str(json.loads(text)[key]))


@dataclass(frozen=True)
class Restore:
    """Fills volumes and databases that are empty, and refuses to touch others."""

    snapshot: str
    """`latest` or an id."""
    shell: Shell
    deployment: Deployment
    disk: Output[str]
    """Id of the disk that holds the volumes: on another one they are filled again."""
    ready: Resource
    """The machine can open the repository by then."""

    def files(self, app: App, volumes: Mapping[str, Output[str]], parent: Resource) -> Restored:
        """Fill the volumes, given by their names in the app with those at Docker."""
        saved = saved_volumes(app)
        names = Output.all(*(volumes[name] for name in saved)).apply(
            lambda known: "\n".join(f"{name} {volume}" for name, volume in zip(saved, known, strict=True))
        )
        others = [volume for name, volume in volumes.items() if name not in saved]
        variables: dict[str, Output[str] | str] = {
            "volumes": names,
            "servers": Output.all(*others).apply(" ".join),
            "restore_from": self.snapshot,
        }
        return Restored(self._run(app, "files", variables, [self.ready], parent))

    def databases(
        self, app: App, restored: Restored, after: Sequence[Resource], parent: Resource
    ) -> list[Resource]:
        """Fill the databases, whose servers are healthy after `after`."""
        if not app.databases:
            return []
        databases = "\n".join(f"{database.service} {database.name}" for database in app.databases)
        variables = {"databases": Output.from_input(databases), "from": restored.snapshot}
        return [self._run(app, "databases", variables, [restored.command, *after], parent)]

    def _run(
        self,
        app: App,
        what: str,
        variables: Mapping[str, Output[str] | str],
        after: Sequence[Resource],
        parent: Resource,
    ) -> Command:
        return self.shell.run(
            f"{app.name}-restore-{what}",
            Script(
                machine_script(f"restore_{what}.sh", self.deployment, {"app": app.name, **variables}),
                triggers=[self.disk],
                root=True,
            ),
            # Once is once: a script that changes later must not run again on an app with users.
            ResourceOptions(parent=parent, depends_on=after, ignore_changes=["stdin", "create"]),
        )


def _value(lines: str, name: str) -> str:
    return next((line.partition(" ")[2] for line in lines.splitlines() if line.split(" ")[0] == name), "")
