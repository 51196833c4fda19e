"""Runs a command so that Ctrl-C is one line: `python -m tools -m operations.status --stack chat`.

Its imports are covered, too, which last seconds; so this file imports next to nothing before.
"""

from __future__ import annotations

import os
import runpy
import sys

from tools.interruptible import interruptible


def _run(arguments: list[str]) -> int:
    if len(arguments) < 2 or arguments[0] != "-m":
        print("python -m tools: say which module: -m operations.status ...", file=sys.stderr)
        return 2
    sys.argv[1:] = arguments[2:]
    runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    STATUS = interruptible(lambda: _run(sys.argv[1:]))
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that still wait for what is of no use any more would keep the process.
    os._exit(STATUS)
