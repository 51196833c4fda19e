"""An engine that only takes notes: runs the program of a stack, and tells what it asked for."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import yaml
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2

from diagram.rehearsal import Configuration, Unasked, run_engineless, run_program
from tests.unit.deployment.providers import computed, found, resource_id
from tests.unit.deployment.recording import Invocation, Recording, Resource
from tests.unit.deployment.value import Value, properties, secret_on_wire

REPOSITORY = Path(__file__).parents[3]
STACKS = ("chat", "local", "sandbox", "social")
"""The stacks that ship with Homeport."""
CHATS = ("chat", "local", "sandbox")
"""Those with one Mattermost."""

_STACK_TYPE = "pulumi:pulumi:Stack"

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


@dataclass(frozen=True)
class SecretText:
    """A value that was set with `pulumi config set --secret`."""

    text: str


Changes: TypeAlias = "Mapping[str, Json | SecretText]"
"""Place in the stack file, such as `homeport:apps[0].callsPort`, and what to put there; None removes it."""


class Recorder(MockMonitor):
    """Notes every registration with its options, and answers as the engine and the providers would."""

    def __init__(self, project: str, stack: str, *, preview: bool) -> None:
        super().__init__(Unasked())
        self._urns = f"urn:pulumi:{stack}::{project}::"
        self._preview = preview
        self._resources: dict[str, Resource] = {}
        self._invocations: list[Invocation] = []
        self._outputs: dict[str, Value] = {}

    @property
    def recording(self) -> Recording:
        """What was noted so far."""
        return Recording(tuple(self._resources.values()), tuple(self._invocations), dict(self._outputs))

    def RegisterResource(  # noqa: N802  the protocol's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Note it, and answer with its inputs and what its provider would compute."""
        resource = self._resource(request)
        # The engine refuses this too: one of the two would be lost.
        assert resource.urn not in self._resources, f"two resources have the URN {resource.urn}"
        self._resources[resource.urn] = resource
        if not resource.custom:
            return resource_pb2.RegisterResourceResponse(urn=resource.urn)
        state = Struct()
        state.CopyFrom(request.object)
        if self._preview:
            return resource_pb2.RegisterResourceResponse(urn=resource.urn, object=state)
        for name, value in computed(resource.type, resource.name).items():
            if name in request.object:  # such as a name that was given and not made
                continue
            state[name] = secret_on_wire(str(value)) if name in resource.secret_outputs else value
        return resource_pb2.RegisterResourceResponse(
            urn=resource.urn, id=resource_id(resource.name), object=state
        )

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Note the stack's outputs; those of components are read by nobody."""
        if self._resources[request.urn].type == _STACK_TYPE:
            self._outputs = properties(request.outputs)
        return empty_pb2.Empty()

    def Invoke(  # noqa: N802
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        """Note it, and answer as its provider would."""
        self._invocations.append(Invocation(request.tok, properties(request.args)))
        response = resource_pb2.ResourceInvokeResponse()
        # The field's name is a word of Python.
        getattr(response, "return").update(found(request.tok))
        return response

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:  # noqa: N802
        """Nothing that exists elsewhere is read by Homeport."""
        raise AssertionError(f"{request.type} {request.name} is read, not created")

    def _resource(self, request: resource_pb2.RegisterResourceRequest) -> Resource:
        uses = {urn for found in request.propertyDependencies.values() for urn in found.urns}
        return Resource(
            urn=self._urn(request),
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            inputs=properties(request.object),
            provider=request.provider.rpartition("::")[0].rpartition("::")[2],
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            delete_before_replace=request.deleteBeforeReplace,
            ignore_changes=tuple(request.ignoreChanges),
            secret_outputs=tuple(request.additionalSecretOutputs),
            depends_on=frozenset(request.dependencies),
            uses=frozenset(uses),
            before_create=tuple(request.hooks.before_create),
        )

    def _urn(self, request: resource_pb2.RegisterResourceRequest) -> str:
        types = request.type
        if request.parent and self._resources[request.parent].type != _STACK_TYPE:
            types = f"{request.parent.split('::')[2]}${types}"
        return f"{self._urns}{types}::{request.name}"


def recorded(
    program: Callable[[], object],
    *,
    stack: str = "test",
    config: Mapping[str, str] | None = None,
    secret_keys: frozenset[str] = frozenset(),
    preview: bool = False,
) -> Recording:
    """Run a program. What it raises, also inside `apply`, is raised here.

    `config` has whole keys such as `homeport:host` with their values as the engine hands them over.
    In a preview nothing that a provider computes is known.
    """
    recorder = Recorder("homeport", stack, preview=preview)
    run_engineless(program, recorder, Configuration(stack, dict(config or {}), secret_keys), preview=preview)
    return recorder.recording


def without_backups(stack: str) -> Changes:
    """What takes the backups out of a shipped stack that has some."""
    return {"homeport:backup": None} if "homeport:backup" in _stack_file(stack) else {}


def deployed(stack: str, changes: Changes | None = None, *, preview: bool = False) -> Recording:
    """Run the whole program for a shipped stack file with changes to it. Each combination runs once."""
    config, secrets = _changed(stack, changes or {})
    return _deployed(stack, json.dumps(config), secrets, preview)


def configuration(stack: str, changes: Changes | None = None) -> Configuration:
    """What the engine hands over for a shipped stack file with changes to it."""
    config, secrets = _changed(stack, changes or {})
    return Configuration(stack, {key: _as_text(value) for key, value in config.items()}, secrets)


def _changed(stack: str, changes: Changes) -> tuple[dict[str, Json], frozenset[str]]:
    """The configuration of a shipped stack file with changes to it, and which of its keys are secret."""
    config = _stack_file(stack)
    secrets = set()
    for place, value in changes.items():
        if isinstance(value, SecretText):
            config[place] = value.text
            secrets.add(place)
        else:
            _put(config, place, value)
    return config, frozenset(secrets)


@cache
def _deployed(stack: str, config: str, secret_keys: frozenset[str], preview: bool) -> Recording:
    return recorded(
        run_program,
        stack=stack,
        config={key: _as_text(value) for key, value in json.loads(config).items()},
        secret_keys=secret_keys,
        preview=preview,
    )


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _stack_file(stack: str) -> dict[str, Json]:
    return copy.deepcopy(_parsed(REPOSITORY / "stacks" / f"Pulumi.{stack}.yaml"))


@cache
def _parsed(path: Path) -> dict[str, Json]:
    config: dict[str, Json] = yaml.safe_load(path.read_text())["config"]
    return config


def _put(config: dict[str, Json], place: str, value: Json) -> None:
    parts = [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", place)]
    target: Json = config
    for part in parts[:-1]:
        if isinstance(target, dict):
            target = target.setdefault(str(part), {})
        elif isinstance(target, list) and isinstance(part, int):
            target = target[part]
    last = parts[-1]
    assert isinstance(target, dict), f"{place}: only keys can be replaced"
    if value is None:
        del target[str(last)]
    else:
        target[str(last)] = value
