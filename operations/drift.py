"""`make drift`: what differs between a stack's state and the world, by resource and property.

It asks the world for each resource and changes nothing, the state neither. The exit status is 0 where nothing
differs, 1 where something does, 2 where it could not look.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from operations.drift_facts import DriftFacts
from operations.drift_look import DriftQuestion, Scope, look, unread
from operations.drift_screen import markdown, screen
from operations.workspace import PROJECT, Workspace, WorkspaceError

FORMATS: Mapping[str, Callable[[DriftFacts], str]] = {
    "text": screen,
    "markdown": markdown,
    "json": lambda facts: f"{facts.as_json()}\n",
}


def asked(prog: str) -> argparse.ArgumentParser:
    """The arguments that say what is looked at."""
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("--stack", required=True, help="the stack's name")
    parser.add_argument(
        "--scope",
        type=Scope,
        default=Scope.ALL,
        choices=list(Scope),
        help="cloud: not the machine; auto: the machine if it can be reached",
    )
    parser.add_argument("--project", type=Path, default=PROJECT, help="folder of Pulumi.yaml")
    return parser


def answered(given: argparse.Namespace) -> DriftFacts:
    """What is found, by these arguments."""
    try:
        workspace = Workspace.of(given.stack, given.project)
    except WorkspaceError as error:
        return unread(given.stack, error.what, error.do)
    return look(DriftQuestion(given.stack, workspace.run(), given.scope, update=workspace.update))


def main(arguments: Sequence[str] | None = None) -> int:
    """Look, print what was found, and return the exit status."""
    parser = asked("make drift")
    parser.add_argument("--format", default="text", choices=list(FORMATS))
    given = parser.parse_args(arguments)
    facts = answered(given)
    print(FORMATS[given.format](facts), end="")
    return facts.exit_status


if __name__ == "__main__":
    sys.exit(main())
