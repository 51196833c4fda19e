from __future__ import annotations

import gc

import grpc
import pytest
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.proto.engine_pb2_grpc import EngineStub

from stacks import debug_messages
from stacks.debug_messages import AT_ONCE, DebugMessages, gather_debug_messages

DEBUG, INFO = engine_pb2.DEBUG, engine_pb2.INFO


class Engine(EngineStub):
    """Keeps what it is told."""

    def __init__(self, told: list[tuple[int, str]]) -> None:
        def log(request: engine_pb2.LogRequest) -> None:
            told.append((request.severity, request.message))

        vars(self)["Log"] = log


@pytest.fixture
def told() -> list[tuple[int, str]]:
    return []


@pytest.fixture
def messages(told: list[tuple[int, str]]) -> DebugMessages:
    return DebugMessages(Engine(told).Log)


def debug(message: str) -> engine_pb2.LogRequest:
    return engine_pb2.LogRequest(severity=DEBUG, message=message)


def test_debug_messages_are_sent_together_and_in_order(
    messages: DebugMessages, told: list[tuple[int, str]]
) -> None:
    numbers = [str(number) for number in range(AT_ONCE)]
    for number in numbers[:-1]:
        messages(debug(number))
    assert told == []
    messages(debug(numbers[-1]))
    assert told == [(DEBUG, "\n".join(numbers))]


def test_what_people_are_told_is_not_kept_and_comes_after_what_was(
    messages: DebugMessages, told: list[tuple[int, str]]
) -> None:
    messages(debug("before"))
    messages(engine_pb2.LogRequest(severity=INFO, message="hello"))
    assert told == [(DEBUG, "before"), (INFO, "hello")]


def test_a_message_about_a_resource_is_not_kept(messages: DebugMessages, told: list[tuple[int, str]]) -> None:
    messages(engine_pb2.LogRequest(severity=DEBUG, message="its own", urn="urn:pulumi:a"))
    assert told == [(DEBUG, "its own")]


def test_an_engine_that_is_gone_stops_nothing() -> None:
    def gone(_: engine_pb2.LogRequest) -> None:
        raise grpc.RpcError

    messages = DebugMessages(gone)
    messages(debug("late"))
    messages.send()


def test_the_last_ones_are_sent_when_the_run_ends(
    told: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = [Engine(told)]
    with monkeypatch.context() as patch:
        patch.setattr(debug_messages, "get_engine", lambda: engines[0])
        gather_debug_messages()
    engines[0].Log(debug("last"))
    assert told == []
    engines.clear()
    gc.collect()
    assert told == [(DEBUG, "last")]


def test_without_an_engine_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debug_messages, "get_engine", lambda: None)
    gather_debug_messages()
