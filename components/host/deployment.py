"""One deployment on one Docker engine: what it calls its own there, and what it left when it was killed."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pulumi
import pulumi_random as random
from pulumi import (
    ErrorHookArgs,
    Input,
    Output,
    ResourceHookArgs,
    ResourceHookBinding,
    ResourceHookOptions,
    ResourceOptions,
)

from components.hooks import error_hook, resource_hook
from components.host.advice import Advice
from components.host.shell import Shell, delete, script, with_variables

LABEL = "homeport.deployment"
CONTAINERS = Path(__file__).with_name("containers.sh")
"""Bash functions that find the containers of one deployment. What looks for any comes behind it."""

_LEFTOVER = Path(__file__).with_name("leftover.sh")
_LAST_WORDS = Path(__file__).with_name("last_words.sh")


class Deployment:
    """Names and marks containers so that no other deployment on the same engine takes them for its own.

    A container's name is fixed: an update that was killed between making a container and recording it
    would else make a second one beside it, and two PostgreSQL servers on one folder destroy it. `leftover`
    removes such a leftover just before its successor is made; data is in volumes, and they stay.
    `explanation` shows the log of one that did not become healthy, which the Docker provider does not.
    """

    def __init__(self, name: str, shell: Shell, advice: Advice, opts: ResourceOptions) -> None:
        self._shell = shell
        self._advice = advice
        self._stack = pulumi.get_stack()
        self._id = random.RandomId(f"{name}-deployment", byte_length=8, opts=opts)
        # Where the engine cannot be reached, making the container says so better than this would.
        self.leftover = resource_hook(
            f"{name}-leftover", self._remove_leftover, ResourceHookOptions(ignore_errors=True)
        )
        self.explanation = error_hook(f"{name}-explain", self._explain)
        self.failed = ResourceHookBinding(on_error=[advice.hook(f"{name}-docker-advice")])
        """Hooks of everything of Docker's but containers, which `explanation` is for."""

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

    def script(self, *paths: Path, **variables: Input[str]) -> Output[str]:
        """Bash files, as `shell.script` makes them, that may look for this deployment's containers."""
        return script(CONTAINERS, *paths, deployment=self.label, **variables)

    def delete(self, text: str, **variables: Input[str]) -> Output[str]:
        """A command line, as `shell.delete` makes it, that may look for this deployment's containers."""
        return delete(_behind_containers(text), deployment=self.label, **variables)

    def advised(self, error: str) -> str:
        """The error, with what to do about it where that is known."""
        return "\n".join(filter(None, (error.rstrip(), self._advice.about([error]))))

    async def _remove_leftover(self, args: ResourceHookArgs) -> None:
        await self._shell.execute(_about(args.new_inputs or {}, _LEFTOVER))

    async def _explain(self, args: ErrorHookArgs) -> bool:
        inputs = args.new_inputs or args.old_inputs or {}
        name = str(inputs["name"])
        text = ""
        # Where there is no such container, or no way to its engine, Pulumi tells which.
        with suppress(OSError, subprocess.SubprocessError):
            text = await self._shell.execute(_about(inputs, _LAST_WORDS))
            pulumi.log.error(f"the container {name}: {text}")
        if advised := self._advice.about(args.errors, text):
            pulumi.log.error(advised)
        return False


def _about(container: Mapping[str, Any], path: Path) -> str:
    """A script about the container with these inputs."""
    label = next(label["value"] for label in container["labels"] if label["label"] == LABEL)
    variables = {"DEPLOYMENT": str(label), "NAME": str(container["name"])}
    return with_variables(_behind_containers(path.read_text()), variables)


def _behind_containers(text: str) -> str:
    return CONTAINERS.read_text() + text
