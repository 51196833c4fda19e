"""The SDK's debug messages, sent many at a time.

The SDK tells the engine in five messages a resource what it is about to do, and waits for an answer to each
before it goes on: a tenth of the program's time. The engine shows them with `pulumi up --debug` only.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import suppress

import grpc
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.proto.engine_pb2_grpc import EngineStub
from pulumi.runtime.settings import get_engine

AT_ONCE = 100
"""How many messages are kept before they are sent."""


class DebugMessages:
    """The engine's `Log` of one run: it keeps debug messages for a while, and sends all others at once."""

    def __init__(self, log: Callable[[engine_pb2.LogRequest], object]) -> None:
        self._log = log
        self._kept: list[str] = []

    def __call__(self, request: engine_pb2.LogRequest) -> object:
        """Send a message, after those that came before it."""
        if request.severity == engine_pb2.DEBUG and not request.urn:
            self._kept.append(request.message)
            if len(self._kept) >= AT_ONCE:
                self.send()
            return None
        self.send()
        return self._log(request)

    def send(self) -> None:
        """Send what was kept, a line each. An engine that is gone is told nothing: it has no use for them."""
        kept, self._kept = self._kept, []
        if kept:
            # ValueError: the channel to it is closed.
            with suppress(grpc.RpcError, ValueError):
                self._log(engine_pb2.LogRequest(severity=engine_pb2.DEBUG, message="\n".join(kept)))


def gather_debug_messages() -> None:
    """Have the debug messages of this run sent many at a time, the last ones when it ends."""
    engine: object = get_engine()
    # A rehearsal has no engine.
    if isinstance(engine, EngineStub):
        messages = DebugMessages(engine.Log)
        vars(engine)["Log"] = messages
        weakref.finalize(engine, messages.send)
