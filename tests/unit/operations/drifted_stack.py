"""What the engine and a machine say of a stack `chat` that has drifted, without either."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from operations.deployed_stack import PulumiError, Run
from tests.unit.operations.looked_at import pulumi

FIREWALL = "urn:pulumi:chat::homeport::homeport:host:GceHost$gcp:compute/firewall:Firewall::homeport-chat-ssh"
COMPANION = "urn:pulumi:chat::homeport::homeport:edge:Edge$docker:index/container:Container::acme-companion"
_MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def step(
    op: str = "update",
    urn: str = FIREWALL,
    *,
    old: Mapping[str, JsonValue] | None = None,
    new: Mapping[str, JsonValue] | None = None,
    changes: Mapping[str, str] | None = None,
    protect: bool = False,
) -> dict[str, JsonValue]:
    """A step of the engine's digest. `old` and `new` are inputs and outputs; `changes` paths and kinds."""
    told: dict[str, JsonValue] = {path: {"kind": kind} for path, kind in (changes or {}).items()}
    states: dict[str, JsonValue] = {
        "oldState": {"inputs": dict(old or {}), "outputs": dict(old or {}), "protect": protect}
    }
    if op != "delete":
        states["newState"] = {"inputs": dict(new or {}), "outputs": dict(new or {})}
    return {"op": op, "urn": urn, "detailedDiff": told, **states}


def digest(*steps: dict[str, JsonValue], same: int = 1, **counts: int) -> str:
    """What the engine prints."""
    summary: dict[str, int] = {"same": same}
    for each in steps:
        summary[str(each["op"])] = summary.get(str(each["op"]), 0) + 1
    return json.dumps({"steps": steps, "changeSummary": summary | counts})


def failed(*messages: str) -> str:
    """What it prints where it could not look."""
    said = [{"message": f"error: {each}\n", "severity": "error"} for each in messages]
    return json.dumps({"steps": [], "diagnostics": said, "changeSummary": {"same": 3}})


def exported(
    environment: Sequence[str] = ("COLOUR=blue",), *, is_secret: bool = False, leaving: bool = False
) -> str:
    """What `pulumi stack export --show-secrets` prints of a stack with a firewall rule and a container."""
    envs: JsonValue = list(environment)
    if is_secret:
        envs = {**_MARK, "plaintext": json.dumps(list(environment))}
    inputs: dict[str, JsonValue] = {
        "name": "chat-acme-companion",
        "image": "sha256:one",
        "envs": envs,
        "labels": [{"label": "homeport.deployment", "value": "b4d8"}],
    }
    kind = "docker:index/container:Container"
    resources: list[dict[str, JsonValue]] = [
        {"urn": FIREWALL, "type": "gcp:compute/firewall:Firewall"},
        {"urn": COMPANION, "type": kind, "id": "0123456789abcdef", "inputs": inputs, "delete": leaving},
    ]
    return json.dumps({"deployment": {"resources": resources}})


def asked(refresh: str, state: str | None = None) -> tuple[Run, list[Sequence[str]]]:
    """The command for that stack, and what it was asked for. A digest with errors fails it."""
    calls: list[Sequence[str]] = []
    answer = pulumi(state=state or exported(), refresh=refresh)

    def run(arguments: Sequence[str]) -> str:
        calls.append(arguments)
        printed = answer(arguments)
        if arguments[0] == "refresh" and '"severity": "error"' in printed:
            raise PulumiError(printed)
        return printed

    return run, calls
