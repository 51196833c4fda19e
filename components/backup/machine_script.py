"""The scripts of this folder as they reach the machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pulumi
from pulumi import Input, Output

from components.host.deployment import Deployment

_FOLDER = Path(__file__).parent


def machine_script(file: str, deployment: Deployment, variables: Mapping[str, Input[str]]) -> Output[str]:
    """A script behind what all of them share, with a header of variables, among them the stack's name."""
    return deployment.script(_FOLDER / "repository.sh", _FOLDER / file, stack=pulumi.get_stack(), **variables)
