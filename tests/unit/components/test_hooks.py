from __future__ import annotations

import ast
import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pulumi import ResourceHookArgs

import components
from components.hooks import with_threads
from tests.unit.deployment.recorder import STACKS, deployed

_COMPONENTS = Path(components.__file__).parent
_ARGS = ResourceHookArgs(urn="", id="", name="", type="")
Hook = Callable[[ResourceHookArgs], Awaitable[None]]


async def _work(_: ResourceHookArgs) -> None:
    await asyncio.to_thread(str)


def _registers(hook: Hook, *, resources: int, threads: int, patience: float = 30) -> None:
    """Register resources as the SDK does: each keeps a thread until its hook, run by the loop, has ended."""

    async def register() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(threads))

        async def run() -> None:
            await hook(_ARGS)

        def wait() -> None:
            asyncio.run_coroutine_threadsafe(run(), loop).result(timeout=patience)

        await asyncio.gather(*(loop.run_in_executor(None, wait) for _ in range(resources)))

    asyncio.run(register())


@pytest.mark.parametrize(("resources", "threads"), [(1, 1), (20, 1), (20, 2), (8, 8), (40, 8)])
def test_hooks_end_however_few_threads_wait_for_them(resources: int, threads: int) -> None:
    _registers(with_threads(_work), resources=resources, threads=threads)


def test_a_hook_that_is_made_without_them_waits_for_ever() -> None:
    """What the others are kept from; without it they would show nothing."""
    with pytest.raises(TimeoutError):
        _registers(_work, resources=8, threads=8, patience=0.1)


def test_the_result_of_a_hook_is_that_of_its_work() -> None:
    async def again(_: ResourceHookArgs) -> bool:
        return True

    async def call() -> bool:
        return await with_threads(again)(_ARGS)

    assert asyncio.run(call())


def test_every_hook_is_made_where_it_gets_its_threads() -> None:
    made = {
        f"{path.relative_to(_COMPONENTS)}: {name}"
        for path in _COMPONENTS.rglob("*.py")
        for name in _called(path)
        if name in {"ResourceHook", "ErrorHook"}
    }
    assert made == {"hooks.py: ResourceHook", "hooks.py: ErrorHook"}


@pytest.mark.parametrize("stack", STACKS)
def test_no_resource_has_a_bare_function_as_its_hook(stack: str) -> None:
    """Pulumi would make a hook of it, named after the resource and the moment."""
    bare = {
        hook
        for resource in deployed(stack).resources
        for hook in resource.before_create
        if hook.startswith(f"{resource.type}_")
    }
    assert bare == set()


def _called(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
