"""Lines of text as the commands' screens have them: their width, where they break, their colours."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

WIDTH = 100
"""Columns at most."""
_RED, _GREEN, _BOLD, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"


def coloured(line: str, well: str) -> str:
    """A line for a terminal: red with a mark in front, green where it ends with the words `well`."""
    if line.startswith("!"):
        return f"{_RED}{line}{_PLAIN}"
    if line.endswith(well):
        return f"{_GREEN}{line}{_PLAIN}"
    return f"{_BOLD}{line}{_PLAIN}" if line and not line.startswith(" ") else line


def wrapped(first: str, text: str, more: str | None = None, *, whole_words: bool = False) -> Iterator[str]:
    """Lines of a text, the first after `first`, all others after `more` or as far in.

    A word longer than a line, such as a command's path, is cut into two. With `whole_words` it stays whole
    and the line is longer, so that an address can be copied.
    """
    yield from textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first) if more is None else more,
        break_on_hyphens=False,
        break_long_words=not whole_words,
    )
