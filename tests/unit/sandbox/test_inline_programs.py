"""Runs in one process do not disturb each other; no engine is needed to show it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from pulumi.automation import _server
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS

from sandbox.inline_programs import keep_apart


def serve(port: int = 0) -> tuple[grpc.Server, int]:
    """A server on this port of the loopback address, or on any."""
    server = grpc.server(ThreadPoolExecutor(1))
    echo = grpc.unary_unary_rpc_method_handler(lambda request, context: request)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("echo", {"Echo": echo}),))
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, port


def call(port: int) -> tuple[grpc.Channel, bytes]:
    """Call what listens there, over a channel as the SDK opens it."""
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=_GRPC_CHANNEL_OPTIONS)
    return channel, ask(channel)


def ask(channel: grpc.Channel) -> bytes:
    """What it answers."""
    method = channel.unary_unary("/echo/Echo", bytes, bytes)
    answer: bytes = method(b"well", timeout=10)
    return answer


def test_an_engine_at_the_port_of_a_dead_one_is_reached() -> None:
    keep_apart()
    first, port = serve()
    lost, _ = call(port)
    first.stop(0).wait()
    with pytest.raises(grpc.RpcError):
        ask(lost)
    second, _ = serve(port)

    channel, answer = call(port)

    assert answer == b"well"
    for one in (channel, lost):
        one.close()
    second.stop(0).wait()


@pytest.fixture
def left_behind() -> Iterator[list[str]]:
    """What the cleaning up of a run stopped that was left suspended."""
    stopped: list[str] = []

    class Server:
        async def stop(self, grace: float) -> None:
            stopped.append("server of another run's hooks")

    before = _CallbackServicer._servicers[:]
    keep_apart()
    _suspend()
    servicer = object.__new__(_CallbackServicer)
    vars(servicer)["_server"] = Server()
    _CallbackServicer._servicers[:] = [servicer]
    yield stopped
    _CallbackServicer._servicers[:] = before


def _suspend() -> None:
    """Leave a run of a program as the SDK does whose engine is gone: its loop stops while it waits."""

    async def program() -> None:
        asyncio.get_running_loop().call_soon(asyncio.get_running_loop().stop)
        await asyncio.sleep(60)

    async def features() -> None:
        """No monitor to ask."""

    loop = asyncio.new_event_loop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pulumi.runtime.stack._load_monitor_feature_support", features)
        patch.setattr("pulumi.runtime.stack.Stack", _Stack)
        with pytest.raises(RuntimeError, match="stopped before"):
            loop.run_until_complete(vars(_server)["run_in_stack"](program))
    loop.close()


class _Stack:
    def _take_async_program(self) -> None:
        """No program beside it."""

    def _finish(self) -> None:
        """Nothing to end."""


def test_a_run_that_was_left_suspended_stops_nothing_of_the_next(left_behind: list[str]) -> None:
    gc.collect()

    assert left_behind == []
