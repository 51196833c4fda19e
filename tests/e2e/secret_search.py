"""Everything secret that a stack generates or is given, and where the deploying computer might keep it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.e2e.deployed import Deployed

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key of an object in a state that stands for a value with a meaning of its own."""
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_GENERATE = ("random:", "tls:", "pulumi:pulumi:Stack")
"""Types whose outputs are secrets as they are; those of others are scripts and environments with them."""
_SHORTEST = 12
"""Letters; the shortest secret has 16. What is shorter is found by chance."""


def secrets(deployed: Deployed) -> set[str]:
    """All of them in plain text; of a private key its lines, since files may have other line ends."""
    exported = json.loads(deployed.engine.command("stack", "export", "--show-secrets"))
    found = {
        text
        for resource in exported["deployment"]["resources"]
        if resource["type"].startswith(_GENERATE)
        for text in _secret_texts(resource.get("outputs", {}))
    }
    config = json.loads(deployed.engine.command("config", "--json", "--show-secrets"))
    found |= {entry["value"] for entry in config.values() if entry["secret"]}
    lines = {line for text in found for line in text.splitlines() if not line.startswith("-----")}
    return {line for line in lines if len(line) >= _SHORTEST}


def _secret_texts(value: object) -> Iterator[str]:
    if isinstance(value, dict) and value.get(_SIGNATURE) == _SECRET:
        yield from _texts(json.loads(value["plaintext"]))
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _secret_texts(part)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def state_files(deployed: Deployed) -> dict[str, str]:
    """What the engine keeps, by path: the state, the copies of earlier ones, the history, the stack file."""
    folders = (deployed.engine.directory / "state", deployed.engine.directory / "project")
    return {
        str(path.relative_to(deployed.engine.directory)): path.read_text(errors="replace")
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def found_in(text: str, secrets: set[str]) -> set[str]:
    """Which of them stand in it."""
    return {secret for secret in secrets if secret in text}
