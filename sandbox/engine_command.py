"""The `pulumi` command in a process group of its own: Ctrl-C reaches the engine once and lets it end well.

The engine takes one SIGINT for "finish what is under way, and stop", and a second one for "stop at once",
which leaves resources that nobody recorded. In the terminal's own process group it would get one by itself
and one from its caller.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error

from tools.interruptible import deferred
from tools.progress import say

_PATIENCE = 1.0
_WAITING = "Ctrl-C: the engine finishes what is under way; press it again to stop at once, with leftovers"
Output = Callable[[str], object]


class EngineCommand(PulumiCommand):
    """Does what the SDK's own does, and on Ctrl-C waits for an engine that stops in good order."""

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Output | None = None,
        on_error: Output | None = None,
    ) -> CommandResult:
        """Run it. Raises `CommandError` where it fails, `Interrupted` where a signal came meanwhile."""
        # It would wait for answers that nobody gives.
        interactive = [] if "--non-interactive" in args else ["--non-interactive"]
        # Plugins that come with an engine lie beside it.
        path = f"{Path(self.command).parent}:{additional_env.get('PATH', os.environ.get('PATH', ''))}"
        process = subprocess.Popen(
            [self.command, *interactive, *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, **additional_env, "PATH": path, "PULUMI_AUTOMATION_API": "true"},
            encoding="utf-8",
            process_group=0,
        )

        patience = threading.Timer(_PATIENCE, say, [_WAITING])
        patience.daemon = True

        def stop() -> None:
            _signal(process, signal.SIGINT)
            patience.start()

        readers = [_Reader(process.stdout, on_output), _Reader(process.stderr, on_error)]
        try:
            with deferred(stop):
                for reader in readers:
                    reader.join()
                process.wait()
        except BaseException:
            _end(process)
            raise
        finally:
            patience.cancel()
        output, error = (reader.text for reader in readers)
        result = CommandResult(stdout=output, stderr=error, code=process.returncode)
        if process.returncode:
            raise create_command_error(result)
        return result


class _Reader(threading.Thread):
    """Reads one of the engine's streams to its end."""

    def __init__(self, stream: IO[str] | None, callback: Output | None) -> None:
        super().__init__(daemon=True)
        self._stream, self._callback = stream, callback
        self._lines: list[str] = []
        self.start()

    @property
    def text(self) -> str:
        """What was read."""
        return "\n".join(self._lines)

    def run(self) -> None:
        for line in self._stream or ():
            if self._callback:
                self._callback(line.rstrip())
            self._lines.append(line.rstrip())


def _end(process: subprocess.Popen[str]) -> None:
    """Have the engine stop at once; one that does not is killed. Its plugins notice that it is gone."""
    for number, seconds in ((signal.SIGINT, 5.0), (signal.SIGKILL, None)):
        _signal(process, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


def _signal(process: subprocess.Popen[str], number: int) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)
