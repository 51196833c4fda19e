"""`python -m diagram --stack chat` draws a stack into build/diagram, `--shipped` those of docs/pictures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pulumi

from diagram.files import write, write_shipped
from diagram.rehearsal import REPOSITORY
from operations.workspace import Workspace, WorkspaceError
from stacks.stack_file import NoSuchStackError
from tools.progress import SetupError


def main() -> int:
    """Draw, and say where the files are."""
    parser = argparse.ArgumentParser(prog="make diagram", description="Draw a deployment.")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--stack", help="whose file is stacks/Pulumi.<stack>.yaml")
    wanted.add_argument("--shipped", action="store_true", help="the pictures of docs/pictures")
    arguments = parser.parse_args()
    if arguments.stack == "":
        parser.error("say which stack: make diagram STACK=chat")
    try:
        folder = REPOSITORY / "build" / "diagram"
        written = write_shipped() if arguments.shipped else _own(arguments.stack, folder)
    except (SetupError, NoSuchStackError, pulumi.RunError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print("\n".join(str(path.relative_to(REPOSITORY)) for path in written))
    return 0


def _own(stack: str, folder: Path) -> list[Path]:
    """Draw a stack by the settings that its workspace has; before there is one, by those of `stacks`."""
    try:
        settings = Workspace.of(stack).stack_folder
    except WorkspaceError:
        settings = REPOSITORY / "stacks"
    return write(stack, folder, settings)


if __name__ == "__main__":
    sys.exit(main())
