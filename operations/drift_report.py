"""`make drift-report`: one issue on GitHub for each stack that has drifted, by way of `gh`.

It is opened where there is none, brought up to date while it is open, and closed when the drift is gone.
Where it could not look nothing is closed, and the exit status is 2.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from operations.drift import answered, asked
from operations.drift_facts import DriftFacts
from operations.drift_screen import markdown, screen

LABEL = "drift"
"""Only who may write to the repository can give it, so no stranger's issue is taken for ours."""
_LONGEST = 60_000
"""Characters of a text that GitHub surely takes; its limit is 65,536."""
Gh = Callable[[Sequence[str], str], str]
"""Runs `gh` with arguments and standard input and returns what it prints. Raises `GhError`."""


class GhError(Exception):
    """`gh` failed. The text is what it said."""


def gh(arguments: Sequence[str], text: str) -> str:
    """Runs it, in the repository of this folder."""
    try:
        done = subprocess.run(["gh", *arguments], input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        raise GhError(f"gh cannot be run: {error}") from error
    if done.returncode:
        raise GhError(f"gh {arguments[0]} {arguments[1]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


@dataclass(frozen=True)
class Issue:
    """The issue of one stack."""

    stack: str
    gh: Gh

    @property
    def title(self) -> str:
        """By which it is found again."""
        return f"Drift: {self.stack}"

    def report(self, facts: DriftFacts) -> str:
        """Make the issue say what was found; returns what was done. Raises `GhError`."""
        numbers, text = self._open(), _fitting(markdown(facts))
        if facts.could_not_look:
            return "the issue stays as it is"
        if not facts.exit_status:
            for number in numbers:
                self.gh(["issue", "close", number, "--comment", text], "")
            return f"closed {_named(numbers)}" if numbers else "there is no issue to close"
        if numbers:
            self.gh(["issue", "edit", numbers[0], "--body-file", "-"], text)
            return f"updated {_named(numbers[:1])}"
        self.gh(["label", "create", LABEL, "--force", "--description", "State and world differ"], "")
        made = self.gh(["issue", "create", "--title", self.title, "--label", LABEL, "--body-file", "-"], text)
        return f"opened {made.strip()}"

    def _open(self) -> list[str]:
        """Their numbers, oldest first. There should be one at most."""
        listed = self.gh(
            [
                *("issue", "list", "--state", "open", "--label", LABEL),
                *("--limit", "200", "--json", "number,title"),
            ],
            "",
        )
        issues: list[dict[str, object]] = json.loads(listed)
        return sorted((str(issue["number"]) for issue in issues if issue["title"] == self.title), key=int)


def _fitting(text: str) -> str:
    """As many whole lines as an issue holds."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST].rpartition(chr(10))[0]}\n\nThere is more: `make drift` shows all of it.\n"


def _named(numbers: Sequence[str]) -> str:
    return ", ".join(f"#{number}" for number in numbers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Look, report, and return the exit status: 2 where one of them could not be done."""
    given = asked("make drift-report").parse_args(arguments)
    facts = answered(given)
    print(screen(facts), end="")
    try:
        done = Issue(given.stack, gh).report(facts)
    except GhError as error:
        print(f"the issue could not be written: {error}", file=sys.stderr)
        return 2
    print(f"{given.stack}: {done}")
    return 2 if facts.could_not_look else 0


if __name__ == "__main__":
    sys.exit(main())
