"""One line of a terminal that changes in place: what is being done, and how long it will last."""

from __future__ import annotations

import sys
import threading
import time

from rich.console import Console
from rich.live import Live
from rich.text import Text

from tools.running_step import RunningStep, line


class LiveLine:
    """Shows the newest of the steps that are being done; lines that are said appear above it."""

    def __init__(self, console: Console | None = None) -> None:
        # Not highlighted: a number in a path is no more important than the rest of it.
        self._console = console or Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._steps: list[RunningStep] = []
        self._live: Live | None = None
        self._lock = threading.RLock()

    def begin(self, step: RunningStep) -> None:
        """Show a step."""
        with self._lock:
            self._steps.append(step)
            if self._live is None:
                self._live = Live(
                    console=self._console,
                    get_renderable=self._shown,
                    refresh_per_second=4,
                    transient=True,
                    # What is piped elsewhere stays there.
                    redirect_stdout=sys.stdout.isatty(),
                )
                self._live.start(refresh=True)

    def end(self, step: RunningStep) -> None:
        """Show it no more; with the last one the line is gone."""
        with self._lock:
            if step in self._steps:
                self._steps.remove(step)
            live, self._live = self._live, self._live if self._steps else None
        if live and self._live is None:
            live.stop()

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self._console.print(text, markup=False)

    def _shown(self) -> Text:
        steps = list(self._steps)
        if not steps:
            return Text()
        newest = steps[-1]
        encoding = (self._console.encoding or "").lower()
        width = self._console.width - 1
        text = line(
            newest, time.monotonic() - newest.started, width, ascii_only=not encoding.startswith("utf")
        )
        return Text(text, no_wrap=True, overflow="crop", style="bold")
