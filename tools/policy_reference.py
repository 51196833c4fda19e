"""Writes the table of docs/policies.md from the rules: `make policy-reference`."""

from __future__ import annotations

import sys
from pathlib import Path

from policies.rules import RULES
from tools.python_environment import REPOSITORY

FILE = Path(REPOSITORY, "docs", "policies.md")
MARK = "<!-- From here on written by `make policy-reference`. -->\n"


def page(current: str) -> str:
    """The page with its part above the mark as it is, and the rules below it.

    Raises:
        ValueError: The page has no mark.
    """
    by_hand, mark, _ = current.partition(MARK)
    if not mark:
        raise ValueError(f"docs/policies.md lacks the line {MARK.strip()}")
    return f"{by_hand}{MARK}\n{table()}\n"


def table() -> str:
    """A row for each rule."""
    rows = (f"| `{rule.name}` | {rule.level} | {rule.what} | {rule.why} | {rule.fix} |" for rule in RULES)
    return "\n".join(("| rule | level | what | why | fix |", "|---|---|---|---|---|", *rows))


def main() -> int:
    """Write the page anew."""
    FILE.write_text(page(FILE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
