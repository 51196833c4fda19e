"""Runs the program of a stack without an engine, and hears every resource that it asks for.

For pictures this is better than a preview by the engine: it needs no account, no passphrase, no engine and no
plugins, takes two seconds, and the program is the very same. A preview would also ask the user's cloud.
Secrets of the stack file stay encrypted: the program gets placeholders, so none can get into a picture.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import runpy
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf import empty_pb2, json_format
from google.protobuf.struct_pb2 import Struct
from pulumi import ErrorHook, ResourceHook
from pulumi.runtime import Mocks, set_all_config
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import Settings, configure
from pulumi.runtime.stack import run_in_stack

from diagram.answers import answer, looked_up, placeholders
from stacks.stack_file import Json, StackFile

REPOSITORY = Path(__file__).parent.parent
PROJECT = "homeport"

_KIND = "4dabf18193072939515e22adb298388d"
"""Pulumi's mark of a wrapped value on the wire, from its protocol's documentation; a secret is one."""


@dataclass(frozen=True)
class Record:
    """One resource as the program asked for it; what only a provider could know is not among its inputs."""

    urn: str
    type: str
    """As in `gcp:compute/instance:Instance`."""
    name: str
    parent: str
    """URN; empty for the stack itself."""
    inputs: Mapping[str, Json] = field(default_factory=dict)
    protect: bool = False


@dataclass(frozen=True)
class Configuration:
    """A stack's name and configuration, as the engine hands it over."""

    stack: str
    values: Mapping[str, str]
    """Whole keys such as `homeport:host`."""
    secrets: frozenset[str] = frozenset()
    """Those keys that are encrypted in the stack file."""


class Callbacks(_CallbackServicer):
    """Takes the hooks of resources, which no engine will ever call."""

    def __init__(self) -> None:
        self.hooks: list[ResourceHook] = []

    def register_resource_hook(self, hook: ResourceHook) -> None:
        """Note it."""
        self.hooks.append(hook)

    def register_error_hook(self, hook: ErrorHook) -> None:
        """Let it be."""


class Unasked(Mocks):
    """`MockMonitor` wants one; monitors of this project answer by themselves."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, str]]:
        raise AssertionError(f"{args.typ} {args.name} went past the monitor")

    def call(self, args: MockCallArgs) -> tuple[dict[str, str], list[tuple[str, str]] | None]:
        raise AssertionError(f"{args.token} went past the monitor")


class _Monitor(MockMonitor):
    """Notes every resource, and answers as in a preview, with names that nothing else has."""

    def __init__(self, stack: str, zones: list[str]) -> None:
        super().__init__(Unasked())
        self._urns = f"urn:pulumi:{stack}::{PROJECT}::"
        self._zones = zones
        self.records: list[Record] = []

    def RegisterResource(  # noqa: N802  the protocol's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Note it, and answer with its inputs and with what links to it are made of."""
        urn = f"{self._urns}{request.type}::{request.name}"
        inputs = _plain(json_format.MessageToDict(request.object))
        self.records.append(
            Record(
                urn=urn,
                type=request.type,
                name=request.name,
                parent=request.parent,
                inputs=inputs if isinstance(inputs, dict) else {},
                protect=request.protect,
            )
        )
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        state = Struct()
        state.CopyFrom(request.object)
        for name, value in answer(request.type, request.name).items():
            if name not in request.object:
                state[name] = value
        return resource_pb2.RegisterResourceResponse(urn=urn, id=f"{request.name}-id", object=state)

    def RegisterResourceOutputs(  # noqa: N802
        self, _request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Outputs are not in the picture."""
        return empty_pb2.Empty()

    def Invoke(  # noqa: N802
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        """Answer that what the stack looks for is there; nothing is run and nothing is asked."""
        response = resource_pb2.ResourceInvokeResponse()
        # The field's name is a word of Python.
        getattr(response, "return").update(looked_up(request.tok, self._zones))
        return response


def rehearse(stack: str, folder: Path = REPOSITORY / "stacks") -> tuple[Record, ...]:
    """The resources of the stack whose file is in the folder.

    Raises `NoSuchStackError`, and `pulumi.RunError` with every mistake in the settings.
    """
    file = StackFile.read(stack, folder)
    monitor = _Monitor(stack, _zones(file.values))
    secrets = placeholders(file.encrypted)
    configuration = Configuration(stack, {**file.texts, **secrets}, frozenset(file.encrypted))
    run_engineless(run_program, monitor, configuration, preview=True)
    return tuple(monitor.records)


def run_engineless(
    program: Callable[[], object], monitor: MockMonitor, configuration: Configuration, *, preview: bool
) -> None:
    """Run a program with this monitor. What it raises, also inside `apply`, is raised here."""

    def run() -> None:
        # Here and not outside: the settings put themselves into the context.
        settings = Settings(
            PROJECT,
            configuration.stack,
            monitor=monitor,
            engine=MockEngine(None),
            dry_run=preview,
            root_directory=str(REPOSITORY),
        )
        # Pulumi's own would want an engine to register the hooks with.
        settings.callbacks = Callbacks()
        configure(settings)
        set_all_config(dict(configuration.values), sorted(configuration.secrets))
        asyncio.run(_in_stack(program))

    # Pulumi keeps everything about a run in context variables, so an empty context is a fresh start.
    contextvars.Context().run(run)


async def _in_stack(program: Callable[[], object]) -> None:
    def run() -> None:
        program()

    # One thread: the notes come in one after the other, and in the same order in every run.
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
    try:
        await run_in_stack(run)
    except BaseException:
        # It says all; that every output which hung on it failed as well would be told much later.
        loop.set_exception_handler(lambda _loop, _context: None)
        raise


def run_program() -> None:
    """Run Homeport itself, in the run that is under way."""
    try:
        runpy.run_path(str(REPOSITORY / "__main__.py"))
    finally:
        # The program does without the garbage collector for its one short life; this process goes on.
        gc.unfreeze()
        gc.enable()


def _zones(config: Mapping[str, Json]) -> list[str]:
    """Names of the zones that the stack expects to be there: only its provider could say that they are."""
    dns = config.get(f"{PROJECT}:dns")
    zones = dns.get("zones") if isinstance(dns, dict) else None
    return [
        str(zone["name"])
        for zone in (zones if isinstance(zones, list) else [])
        if isinstance(zone, dict) and "name" in zone
    ]


def _plain(value: Json) -> Json:
    """The value without marks of a secret, whose content is a placeholder; whole numbers as `int`."""
    if isinstance(value, dict):
        if _KIND in value:
            return _plain(value.get("value"))
        return {name: _plain(element) for name, element in value.items()}
    if isinstance(value, list):
        return [_plain(element) for element in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
