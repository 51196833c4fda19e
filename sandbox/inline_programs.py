"""Many runs of inline programs in one process, each kept from what failed ones before it left behind.

The SDK is made for programs that end well. A run whose engine is gone stops its event loop,
and leaves a suspended coroutine and channels to the dead engine (seen with pulumi 3.259.0 and grpcio 1.85.1).
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine

from pulumi.automation import _server
from pulumi.runtime import run_in_stack
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS

Program = Callable[[], Awaitable[None] | None]
_OWN_CONNECTIONS = ("grpc.use_local_subchannel_pool", 1)
_unfinished: list[Coroutine[object, object, None]] = []


def keep_apart() -> None:
    """Make it so for this process; once more does nothing."""
    # gRPC shares connections by address within a process. One to a dead engine says "unavailable" at once
    # while it waits to try again, also to the next engine that happens to get the same port.
    if _OWN_CONNECTIONS not in _GRPC_CHANNEL_OPTIONS:
        _GRPC_CHANNEL_OPTIONS.append(_OWN_CONNECTIONS)
    vars(_server)["run_in_stack"] = _kept


def _kept(program: Program) -> Coroutine[object, object, None]:
    """The SDK's run of a program, never left to the garbage collector.

    To end a suspended one, the collector makes it do its cleaning up, in whichever thread it is: that stops
    the servers of hooks of the run that is then under way, and its resources fail: "connection refused".
    """
    _unfinished[:] = [one for one in _unfinished if inspect.getcoroutinestate(one) != inspect.CORO_CLOSED]
    coroutine = run_in_stack(program)
    _unfinished.append(coroutine)
    return coroutine
