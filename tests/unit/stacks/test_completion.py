from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import pulumi
import pytest
from pulumi import Input, Output, RunError

from stacks.completion import outputs_known
from tests.unit.deployment.recorder import deployed, recorded

pytestmark = pytest.mark.timeout(60)


def run(program: Callable[[], object]) -> None:
    """Run a program that waits for its outputs as Homeport does."""

    def whole() -> None:
        program()
        pulumi.run(outputs_known)

    recorded(whole)


def late(text: str) -> Output[str]:
    """An output that is known after a while."""

    async def known() -> str:
        for _ in range(20):
            await asyncio.sleep(0)
        return text

    value: Input[str] = known()
    return Output.from_input(value)


def refuse(_: str) -> str:
    raise RunError("refused")


def test_every_output_is_waited_for() -> None:
    seen: list[str] = []
    run(lambda: [late(text).apply(seen.append) for text in ("a", "b")])
    assert sorted(seen) == ["a", "b"]


def test_an_output_that_is_made_meanwhile_is_waited_for_as_well() -> None:
    seen: list[str] = []

    def then(_: str) -> None:
        late("inner").apply(seen.append)

    run(lambda: late("outer").apply(then))
    assert seen == ["inner"]


def test_a_failure_ends_the_program_while_others_are_still_waited_for() -> None:
    def program() -> None:
        never: Input[str] = asyncio.get_running_loop().create_future()
        Output.from_input(never)
        late("a").apply(refuse)

    with pytest.raises(RunError, match="refused"):
        run(program)


def test_no_output_is_looked_at_for_every_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's own way looks at some 50,000 for this stack."""
    looked = 0
    wait = asyncio.wait

    def count(tasks: Iterable[asyncio.Task[object]], *, return_when: str = asyncio.ALL_COMPLETED) -> object:
        nonlocal looked
        tasks = list(tasks)
        looked += len(tasks)
        return wait(tasks, return_when=return_when)

    monkeypatch.setattr(asyncio, "wait", count)
    # A preview of its own: each combination of stack and changes runs once.
    deployed("chat", {"homeport:apps[0].version": "11.7.1"}, preview=True)
    assert looked < 100
