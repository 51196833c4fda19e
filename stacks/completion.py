"""Waits until the program is done, and looks at each output once.

The SDK waits for the first of all outputs that are not known yet, again and again (`wait_for_rpcs`), and each
time puts itself down at every one of them. That time grows with the square of their number, some 250 for an
app. When this is over, the SDK finds nothing to wait for, or the failure that it would have stopped at.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pulumi.runtime.settings import SETTINGS

if TYPE_CHECKING:
    Task = asyncio.Task[object]


async def outputs_known() -> None:
    """Return when every output is known, or one has failed; an entry point for `pulumi.run`.

    An output that is known takes itself out of `SETTINGS.outputs`; one that failed stays.
    """
    watched: set[Task] = set()
    failed: list[Task] = []
    changed = asyncio.Event()

    def note(task: Task) -> None:
        watched.discard(task)
        if task.cancelled() or task.exception():
            failed.append(task)
        changed.set()

    while True:
        with SETTINGS.lock:
            outputs: set[Task] = set(SETTINGS.outputs)
        for task in outputs - watched:
            watched.add(task)
            task.add_done_callback(note)
        if failed:
            # The SDK would else wait for the engine's answers that are still to come, and meanwhile more and
            # more resources would be asked for.
            SETTINGS.rpc_manager.rpcs.clear()
            return
        if not outputs:
            return
        changed.clear()
        await changed.wait()
