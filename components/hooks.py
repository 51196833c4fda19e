"""Hooks of resources, none of which waits for a thread that itself waits for the hook.

Pulumi's Python SDK keeps a thread of the event loop's default executor for each resource that is registered,
until the engine has made it, and so until its hooks are done. That executor has as many threads as
`--parallel` says (`_set_default_executor` in pulumi-language-python-exec; four times as many in a program of
the Automation API). A hook that needs one too, for `asyncio.to_thread` or to ask a provider, then waits for
ever once as many resources are ready: each of the threads waits for a hook.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from weakref import WeakSet

from pulumi import ErrorHook, ErrorHookArgs, ResourceHook, ResourceHookArgs, ResourceHookOptions

_Args = TypeVar("_Args", ResourceHookArgs, ErrorHookArgs)
_Result = TypeVar("_Result")
_UNLIMITED = 2**31
"""Threads, which are made only where none is free. The engine heeds `--parallel` by itself."""

_loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
"""Event loops in which no call waits for a thread."""


def resource_hook(
    name: str, work: Callable[[ResourceHookArgs], Awaitable[None]], opts: ResourceHookOptions | None = None
) -> ResourceHook:
    """Make a hook whose work may use threads and ask providers.

    An output that it awaits must be one that its resource depends on: the engine may make nothing else
    meanwhile.
    """
    return ResourceHook(name, with_threads(work), opts)


def error_hook(name: str, work: Callable[[ErrorHookArgs], Awaitable[bool]]) -> ErrorHook:
    """Make a hook for what failed; see `resource_hook`. It says whether to try again."""
    return ErrorHook(name, with_threads(work))


def with_threads(work: Callable[[_Args], Awaitable[_Result]]) -> Callable[[_Args], Awaitable[_Result]]:
    """The work of a hook, for which there is always a thread."""

    @functools.wraps(work)
    async def run(args: _Args) -> _Result:
        loop = asyncio.get_running_loop()
        if loop not in _loops:
            # Those who wait in the executor of before stay there, and it ends with the last of them.
            loop.set_default_executor(ThreadPoolExecutor(_UNLIMITED, thread_name_prefix="unlimited"))
            _loops.add(loop)
        return await work(args)

    return run
