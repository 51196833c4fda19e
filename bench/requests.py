"""People who read, or write, all the time, while something else is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import httpx

PAUSE = 0.05
"""Seconds between an answer and the next request."""


@dataclass
class Requests:
    """One request again and again, from `with` to its end, on a thread of its own."""

    ask: Callable[[], httpx.Response]
    answers: list[tuple[float, int]] = field(default_factory=list)
    """When each was asked for, and its status; 0 where there was no answer."""
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Requests:
        """Begin."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, after the last answer."""
        self._ended.set()
        if self._thread:
            self._thread.join()

    @property
    def failures(self) -> list[tuple[float, int]]:
        """Answers that were none, or no success."""
        return [answer for answer in self.answers if not 200 <= answer[1] < 300]

    @property
    def interruption(self) -> float:
        """Seconds from the first failure to the first success after the last one; 0 without failures."""
        if not self.failures:
            return 0.0
        last = self.failures[-1][0]
        later = [at for at, _ in self.answers if at > last]
        return (later[0] if later else time.monotonic()) - self.failures[0][0]

    def _run(self) -> None:
        while not self._ended.is_set():
            at = time.monotonic()
            try:
                status = self.ask().status_code
            except httpx.HTTPError:
                status = 0
            self.answers.append((at, status))
            time.sleep(PAUSE)
