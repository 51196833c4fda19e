"""`make status-picture`: what `make status` says of a stack, as a picture for the documentation."""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

from operations.screen_text import WIDTH
from operations.status import looked, options
from operations.status_facts import StatusFacts
from operations.status_screen import screen
from operations.workspace import PROJECT

PICTURE = PROJECT / "docs" / "pictures" / "status.svg"
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Fonts that rich asks another site for."""


def picture(facts: StatusFacts, command: str) -> str:
    """The command and its screen, in the terminal's colours."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {command}"))
    console.print(Text.from_ansi(screen(facts, colour=True)), no_wrap=True)
    # Always the same id, so that the same screen is the same file.
    drawn = console.export_svg(title=command, theme=DEFAULT_TERMINAL_THEME, unique_id="status")
    return _FONTS.sub("", drawn)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw it; nothing is drawn of a stack that could not be looked at."""
    parser = argparse.ArgumentParser(prog="make status-picture", description=__doc__)
    options(parser)
    parser.add_argument("--picture", type=Path, default=PICTURE, help="the file to write")
    given = parser.parse_args(arguments)
    facts = looked(given)
    if facts.could_not_look:
        print(f"{facts.could_not_look.what}: {facts.could_not_look.do}", file=sys.stderr)
        return facts.exit_status
    given.picture.write_text(picture(facts, f"make status STACK={given.stack}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
