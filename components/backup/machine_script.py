"""The scripts of this folder as they reach the machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pulumi
from pulumi import Input, Output

from components.host.shell import with_variables

_FOLDER = Path(__file__).parent


def machine_script(file: str, variables: Mapping[str, Input[str]]) -> Output[str]:
    """A script behind what all of them share, with a header of variables, among them the stack's name."""
    text = (_FOLDER / "repository.sh").read_text() + (_FOLDER / file).read_text()
    return Output.all(stack=pulumi.get_stack(), **variables).apply(lambda known: with_variables(text, known))
