"""A stand-in provider as a plugin: Pulumi's resource provider protocol over gRPC.

Follows https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto. The first line on
standard output is the port; the engine ends the process with a Cancel call and a signal.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.rpc import status_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox.providers.checks import changes, failures, with_defaults
from sandbox.providers.resource import (
    Failure,
    Function,
    PartlyCreated,
    Properties,
    Property,
    Provider,
    ProviderError,
    ResourceType,
    Value,
)
from sandbox.providers.wire import (
    MarkedProperties,
    Secret,
    from_struct,
    has_secret,
    has_unknown,
    marked,
    plain_properties,
    to_struct,
)

Result = TypeVar("Result")
Kind = TypeVar("Kind", ResourceType, Function)
_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
# What every provider resource may carry besides its own configuration.
_ENGINE_KEYS = {"version", "pluginDownloadURL"}


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine for one `Provider`."""

    def __init__(self, provider: Provider, version: str) -> None:
        self._provider = provider
        self._version = version
        self._types = {kind.token: kind() for kind in provider.resources}
        self._functions = {kind.token: kind() for kind in provider.functions}
        self.cancelled = threading.Event()

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=False, accept_outputs=False
        )

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._version)

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        config = {key: value for key, value in from_struct(request.news).items() if key not in _ENGINE_KEYS}
        wrong = failures(config, {**self._provider.configuration})
        return provider_pb2.CheckResponse(
            inputs=request.news,
            failures=[provider_pb2.CheckFailure(property=f.property, reason=f.reason) for f in wrong],
        )

    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        return _diff_response(
            from_struct(request.old_inputs), from_struct(request.news), self._provider.configuration
        )

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        arguments = from_struct(request.args)
        if not any(has_unknown(value) for value in arguments.values()):
            config = {
                key: _decoded(value)
                for key, value in plain_properties(arguments).items()
                if key not in _ENGINE_KEYS
            }
            for kind in self._types.values():
                self._do(context, None, {}, partial(kind.configure, config, self.cancelled))
            for function in self._functions.values():
                function.configure(config, self.cancelled)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    def Check(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        kind = self._type(request.urn, context)
        news, olds = from_struct(request.news), from_struct(request.olds)
        inputs = with_defaults(
            news, olds, kind.properties, request.name or _name(request.urn), request.randomSeed
        )
        wrong: list[Failure] = list(failures(inputs, kind.properties))
        if not wrong and not any(has_unknown(value) for value in inputs.values()):
            known = plain_properties(inputs)
            wrong += kind.check(known)
            for key, value in ({} if wrong else kind.completed(known)).items():
                inputs[key] = Secret(marked(value)) if has_secret(inputs.get(key)) else marked(value)
        return provider_pb2.CheckResponse(
            inputs=to_struct(inputs),
            failures=[provider_pb2.CheckFailure(property=f.property, reason=f.reason) for f in wrong],
        )

    def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        kind = self._type(request.urn, context)
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        for ignored in request.ignoreChanges:
            new.pop(ignored, None)
            old.pop(ignored, None)
        state = from_struct(request.olds)
        for name in (name for name, declared in kind.properties.items() if declared.computed):
            old[name] = old.get(name, state.get(name))
            new[name] = new.get(name, old[name])
        response = _diff_response(old, new, kind.properties)
        response.deleteBeforeReplace = kind.delete_before_replace and bool(response.replaces)
        return response

    def Create(
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        kind = self._type(request.urn, context)
        inputs = from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(inputs))
        created = self._do(
            context, kind, inputs, lambda: self._admitted(kind).create(plain_properties(inputs))
        )
        return provider_pb2.CreateResponse(
            id=created.id, properties=to_struct(_outputs(kind, inputs, created.outputs))
        )

    def Read(
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        kind = self._type(request.urn, context)
        state, inputs = from_struct(request.properties), from_struct(request.inputs)
        found = self._do(
            context, kind, inputs, lambda: self._admitted(kind).read(request.id, plain_properties(state))
        )
        if found is None:
            return provider_pb2.ReadResponse(id="")
        current = {key: marked(value) for key, value in kind.import_inputs(found).items()}
        if inputs:
            # What the program never said is the provider's business, not drift.
            current = {key: current.get(key) for key in inputs}
        current = {
            key: Secret(value) if has_secret(inputs.get(key)) else value
            for key, value in current.items()
            if value is not None
        }
        return provider_pb2.ReadResponse(
            id=found.id,
            properties=to_struct(_outputs(kind, {**state, **current}, found.outputs)),
            inputs=to_struct(current),
        )

    def Update(
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        kind = self._type(request.urn, context)
        inputs = from_struct(request.news)
        state = from_struct(request.olds)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_struct({**state, **inputs}))
        updated = self._do(
            context,
            kind,
            inputs,
            lambda: self._admitted(kind).update(
                request.id, plain_properties(state), plain_properties(inputs)
            ),
        )
        return provider_pb2.UpdateResponse(properties=to_struct(_outputs(kind, inputs, updated.outputs)))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        kind = self._type(request.urn, context)
        state = plain_properties(from_struct(request.properties))
        self._do(context, kind, {}, lambda: self._admitted(kind).delete(request.id, state))
        return empty_pb2.Empty()

    def Invoke(
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        function = self._functions.get(request.tok)
        if function is None:
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED, f"the sandbox does not know the function {request.tok}"
            )
        arguments = from_struct(request.args)
        wrong = list(failures(arguments, function.properties))
        if wrong:
            return provider_pb2.InvokeResponse(
                failures=[provider_pb2.CheckFailure(property=f.property, reason=f.reason) for f in wrong]
            )
        filled = with_defaults(arguments, {}, function.properties, "", b"")
        answer = self._do(
            context, None, {}, lambda: self._admitted(function).invoke(plain_properties(filled))
        )
        response = provider_pb2.InvokeResponse()
        # "return" is a word of Python's, so the field has no attribute of its name.
        getattr(response, "return").CopyFrom(to_struct(_secret_outputs(function, answer)))
        return response

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.cancelled.set()
        return empty_pb2.Empty()

    def _type(self, urn: str, context: grpc.ServicerContext) -> ResourceType:
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        kind = self._types.get(token)
        if kind is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the sandbox does not know the type {token}")
        return kind

    def _admitted(self, kind: Kind) -> Kind:
        self._provider.admits(kind.token)
        return kind

    def _do(
        self,
        context: grpc.ServicerContext,
        kind: ResourceType | None,
        inputs: MarkedProperties,
        work: Callable[[], Result],
    ) -> Result:
        try:
            return work()
        except PartlyCreated as problem:
            _abort_partly(context, problem, _outputs(kind, inputs, problem.created.outputs) if kind else {})
        except ProviderError as problem:
            context.abort(grpc.StatusCode.UNKNOWN, str(problem))
        except Exception as problem:
            traceback.print_exc()
            context.abort(grpc.StatusCode.INTERNAL, f"fault in the sandbox: {problem!r}")
        raise AssertionError("abort does not return")


def _abort_partly(context: grpc.ServicerContext, problem: PartlyCreated, outputs: MarkedProperties) -> None:
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=problem.created.id, properties=to_struct(outputs), reasons=list(problem.reasons)
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(problem), details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(problem))


def _diff_response(
    old: MarkedProperties, new: MarkedProperties, declared: Mapping[str, Property]
) -> provider_pb2.DiffResponse:
    found = list(changes(old, new, declared))
    some = provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=[change.property for change in found],
        replaces=[change.property for change in found if change.replaces],
        hasDetailedDiff=True,
        detailedDiff={
            change.property: provider_pb2.PropertyDiff(
                kind=_KINDS[change.kind, change.replaces], inputDiff=True
            )
            for change in found
        },
    )


def _outputs(kind: ResourceType, inputs: MarkedProperties, outputs: Properties) -> MarkedProperties:
    """Outputs, secret where their input was or the type says so."""
    return {
        key: Secret(marked(value))
        if key in kind.secret_outputs or has_secret(inputs.get(key)) or _is_secret(kind, key)
        else marked(value)
        for key, value in outputs.items()
    }


def _is_secret(kind: ResourceType, key: str) -> bool:
    return key in kind.properties and kind.properties[key].secret


def _secret_outputs(function: Function, answer: Properties) -> MarkedProperties:
    return {
        key: Secret(marked(value)) if key in function.secret_outputs else marked(value)
        for key, value in answer.items()
    }


def _decoded(value: Value) -> Value:
    """Bridged providers get everything but strings as JSON text."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        decoded: Value = json.loads(value)
        return decoded
    return value


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def serve(provider: Provider, version: str) -> None:
    """Serve until the engine ends the process, or is gone itself."""
    engine = os.getppid()
    executor = ThreadPoolExecutor(max_workers=64)
    server = grpc.server(
        executor, options=[("grpc.max_receive_message_length", 400 << 20), ("grpc.so_reuseport", 0)]
    )
    servicer = Servicer(provider, version)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # An engine that is killed tells nobody: its plugins would stay, and go on deploying, without it.
    while not ended.wait(1.0) and os.getppid() == engine:
        pass
    servicer.cancelled.set()
    # Threads in the middle of a call would keep the process; the engine does not wait for them either.
    os._exit(0)
