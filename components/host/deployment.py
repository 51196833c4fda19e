"""One deployment on one Docker engine: what it calls its own there, and what it left when it was killed."""

from __future__ import annotations

import subprocess

import pulumi
import pulumi_random as random
from pulumi import ErrorHookArgs, Output, ResourceHookArgs, ResourceHookOptions, ResourceOptions

from components.hooks import error_hook, resource_hook
from components.host.shell import Shell, with_variables

LABEL = "homeport.deployment"

_REMOVE = """\
for container in $(docker ps --all --quiet --filter "name=^/?$NAME$" --filter "label=$LABEL"); do
    docker stop --time 60 "$container" >/dev/null
    docker rm --force --volumes "$container" >/dev/null
done
"""

_EXPLAIN = """\
state='{{.State.Status}}, exit code {{.State.ExitCode}}, restarted {{.RestartCount}} times'
docker inspect --format "$state" "$NAME"
docker logs --tail 30 "$NAME" 2>&1
"""


class Deployment:
    """Names and marks containers so that no other deployment on the same engine takes them for its own.

    A container's name is fixed: an update that was killed between making a container and recording it
    would else make a second one beside it, and two PostgreSQL servers on one folder destroy it. `leftover`
    removes such a leftover just before its successor is made; data is in volumes, and they stay.
    `explanation` shows the log of one that did not become healthy, which the Docker provider does not.
    """

    def __init__(self, name: str, shell: Shell, opts: ResourceOptions) -> None:
        self._shell = shell
        self._stack = pulumi.get_stack()
        self._id = random.RandomId(f"{name}-deployment", byte_length=8, opts=opts)
        # Where the engine cannot be reached, making the container says so better than this would.
        self.leftover = resource_hook(
            f"{name}-leftover", self._remove_leftover, ResourceHookOptions(ignore_errors=True)
        )
        self.explanation = error_hook(f"{name}-explain", self._explain)

    @property
    def stack(self) -> str:
        """Name of the stack."""
        return self._stack

    @property
    def label(self) -> Output[str]:
        """Value of the label `homeport.deployment`."""
        return self._id.hex

    def name(self, name: str) -> str:
        """The fixed name on the Docker engine of what is called `name` in the stack."""
        return f"{self._stack}-{name}"

    async def _remove_leftover(self, args: ResourceHookArgs) -> None:
        inputs = args.new_inputs or {}
        label = next(label["value"] for label in inputs["labels"] if label["label"] == LABEL)
        variables = {"NAME": str(inputs["name"]), "LABEL": f"{LABEL}={label}"}
        await self._shell.execute(with_variables(_REMOVE, variables))

    async def _explain(self, args: ErrorHookArgs) -> bool:
        name = str((args.new_inputs or args.old_inputs or {})["name"])
        try:
            text = await self._shell.execute(with_variables(_EXPLAIN, {"NAME": name}))
        except (OSError, subprocess.SubprocessError):
            # There is no such container, or no way to its engine; Pulumi tells which.
            return False
        pulumi.log.error(f"the container {name}: {text}")
        return False
