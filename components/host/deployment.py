"""One deployment on one Docker engine: what it calls its own there, and what it left when it was killed."""

from __future__ import annotations

import shlex

import pulumi
import pulumi_random as random
from pulumi import (
    Output,
    ResourceHook,
    ResourceHookArgs,
    ResourceHookBinding,
    ResourceHookOptions,
    ResourceOptions,
)

from components.host.shell import Shell

LABEL = "homeport.deployment"

_REMOVE = """\
for container in $(docker ps --all --quiet --filter "name=^/?$NAME$" --filter "label=$LABEL"); do
    docker stop --time 60 "$container" >/dev/null
    docker rm --force "$container" >/dev/null
done
"""


class Deployment:
    """Names and marks containers so that no other deployment on the same engine takes them for its own.

    A container's name is fixed: an update that was killed between making a container and recording it
    would else make a second one beside it, and two PostgreSQL servers on one folder destroy it. `hooks`
    removes such a leftover just before its successor is made; data is in volumes, and they stay.
    """

    def __init__(self, name: str, shell: Shell, opts: ResourceOptions) -> None:
        self._shell = shell
        self._stack = pulumi.get_stack()
        self._id = random.RandomId(f"{name}-deployment", byte_length=8, opts=opts)
        # Where the engine cannot be reached, making the container says so better than this would.
        hook = ResourceHook(
            f"{name}-leftover", self._remove_leftover, ResourceHookOptions(ignore_errors=True)
        )
        self.hooks = ResourceHookBinding(before_create=[hook])

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
        header = "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
        await self._shell.execute(header + _REMOVE)
