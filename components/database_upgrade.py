"""The way of an app's data from one major version of PostgreSQL to the next."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pulumi
from pulumi import ComponentResource, ErrorHookArgs, Output, Resource, ResourceHookArgs, ResourceOptions

from components.hooks import error_hook, resource_hook
from components.host.host import Host
from components.host.shell import Command, Script
from components.images import Images
from components.workload import App, PostgresDatabase

_SCRIPT = Path(__file__).parent / "database_upgrade.sh"


class DatabaseUpgrade:
    """Copies a database from the server of another major version that still runs, before the app needs it.

    A database says by itself where its data is (see the script), so each step can be run again at any time:
    as a resource, and just before any container of the app is made, since an update that failed gave the
    data back to the old server. `before` and `failed` are the hooks for those containers.
    """

    def __init__(
        self, app: App, database: PostgresDatabase, host: Host, images: Images, parent: ComponentResource
    ) -> None:
        self._host = host
        self._parent = parent
        self._name = f"{app.name}-{database.service}-upgrade"
        self._server = app.service(database.service)
        served = [service for service in app.services if not service.stateful]
        self._variables: dict[str, str | Output[str]] = {
            "app": app.name,
            "stack": pulumi.get_stack(),
            "service": database.service,
            "database": database.name,
            "major": str(database.major),
            "volumes": host.deployment.name(f"{app.name}-{database.service}-"),
            "images": Output.all(
                *(Output.concat(service.name, " ", images[service.image]) for service in served)
            ).apply("\n".join),
        }
        self.before = resource_hook(self._name, self._copy)
        self.failed = error_hook(f"{self._name}-reopen", self._reopen)

    def copy(self, after: Sequence[Resource]) -> Command:
        """Have the data in the new server; the app goes on meanwhile, reading only while it is copied."""
        return self._run(self._name, "copy", after)

    def serve(self, after: Sequence[Resource]) -> Command:
        """The new server's data is the app's from now on."""
        return self._run(f"{self._name}d", "serve", after)

    def _run(self, name: str, task: str, after: Sequence[Resource]) -> Command:
        return self._host.shell.run(
            name, Script(self._script(task)), ResourceOptions(parent=self._parent, depends_on=after)
        )

    def _script(self, task: str) -> Output[str]:
        return self._host.deployment.script(_SCRIPT, **self._variables, task=task)

    async def _execute(self, task: str) -> str:
        return await self._host.shell.execute(await self._script(task).future() or "")

    async def _copy(self, _: ResourceHookArgs) -> None:
        try:
            said = await self._execute("copy")
        except subprocess.CalledProcessError as problem:
            raise RuntimeError(self._host.deployment.advised(problem.stderr)) from None
        if said:
            pulumi.log.info(said)

    async def _reopen(self, _: ErrorHookArgs) -> bool:
        try:
            said = await self._execute("reopen")
        except (OSError, subprocess.SubprocessError) as problem:
            reason = getattr(problem, "stderr", "") or problem
            pulumi.log.error(f"{self._name}: {reason}; the next update goes on from here.")
            return False
        if said:
            pulumi.log.warn(said)
        return False
