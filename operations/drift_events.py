"""What the engine says when it compares the state with the world, `pulumi refresh --preview-only --json`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from operations.drift_facts import SECRET, UNSHOWN, DifferenceFact, DriftedFact

_KINDS = {
    "gcp:compute/address:Address": "static address",
    "gcp:compute/instance:Instance": "machine",
    "gcp:compute/firewall:Firewall": "firewall rule",
    "gcp:compute/resourcePolicy:ResourcePolicy": "snapshot schedule",
    "gcp:compute/diskResourcePolicyAttachment:DiskResourcePolicyAttachment": "snapshot schedule of a disk",
    "gcp:dns/recordSet:RecordSet": "DNS record",
    "gcp:dns/managedZone:ManagedZone": "DNS zone",
    "gcp:serviceaccount/account:Account": "service account",
    "gcp:projects/iAMMember:IAMMember": "role on the project",
    "gcp:projects/service:Service": "API",
    "gcp:storage/bucketIAMMember:BucketIAMMember": "role on a bucket",
    "aws:route53/record:Record": "DNS record",
    "aws:route53/zone:Zone": "DNS zone",
    "docker:index/remoteImage:RemoteImage": "image",
}
"""Types whose own name says less. Of others the name is taken apart: `uptime check config`."""
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
_SHOWN = ("update", "delete")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class _State(_Part):
    protect: bool = False
    inputs: Mapping[str, JsonValue] = {}
    outputs: Mapping[str, JsonValue] = {}


class _Change(_Part):
    kind: str = "update"


class _Step(_Part):
    op: str
    urn: str
    old_state: _State = _State()
    new_state: _State = _State()
    changes: Mapping[str, _Change] | None = Field(default=None, alias="detailedDiff")


class _Said(_Part):
    message: str
    severity: str


class _Digest(_Part):
    steps: Sequence[_Step] = ()
    diagnostics: Sequence[_Said] = ()
    change_summary: Mapping[str, int] = {}


@dataclass(frozen=True)
class Comparison:
    """State and world, compared by the engine."""

    looked_at: int
    drifted: tuple[DriftedFact, ...]
    unnamed: int
    """Resources that it counts as different and does not tell of."""
    errors: tuple[str, ...]
    """Where it could not look."""


def read_comparison(printed: str) -> Comparison:
    """Read what the engine printed. Raises `pydantic.ValidationError` where that is something else."""
    digest = _Digest.model_validate_json(printed)
    drifted = tuple(_drifted(step) for step in digest.steps if step.op in _SHOWN)
    counted = sum(digest.change_summary.get(operation, 0) for operation in _SHOWN)
    return Comparison(
        looked_at=sum(digest.change_summary.values()),
        drifted=drifted,
        unnamed=max(0, counted - len(drifted)),
        errors=tuple(said.message.strip() for said in digest.diagnostics if said.severity == "error"),
    )


def kind_of(token: str) -> str:
    """A resource's type in words."""
    if token in _KINDS:
        return _KINDS[token]
    words = _WORD.findall(token.rpartition(":")[2])
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)


def _drifted(step: _Step) -> DriftedFact:
    _, _, types, name = step.urn.split("::", 3)
    kind = kind_of(types.rpartition("$")[2])
    if step.op == "delete":
        up = "makes it anew"
        if step.old_state.protect:
            up += ", empty: what it held is gone, and only a backup or a snapshot has it"
        return DriftedFact(
            name=name,
            kind=kind,
            urn=step.urn,
            change="gone",
            up=up,
            refresh="forgets it; the next pulumi up makes it anew",
        )
    return DriftedFact(
        name=name,
        kind=kind,
        urn=step.urn,
        change="changed",
        differences=tuple(_differences(step)),
        up=_up(step),
        refresh="notes what was found; the next pulumi up changes it back unless the settings say the same",
    )


def _up(step: _Step) -> str:
    changes = step.changes or {}
    if not any(_root(path) in step.old_state.inputs for path in changes):
        return "notes what was found: no setting says what it should be"
    if any("replace" in change.kind for change in changes.values()):
        return "replaces it by a new one"
    return "changes it back"


def _differences(step: _Step) -> Iterator[DifferenceFact]:
    old, new = step.old_state, step.new_state
    for root in dict.fromkeys(_root(path) for path in step.changes or {}):
        sides = (
            (old.inputs.get(root), new.inputs.get(root)),
            (old.outputs.get(root), new.outputs.get(root)),
        )
        # What one of them marks as secret may be without the mark in another.
        secret = frozenset(path for pair in sides for side in pair for path in _secret_paths(root, side))
        told = next((pair for pair in sides if pair[0] != pair[1]), None)
        if told:
            yield from compared(root, *told, secret)
        else:
            for path in sorted(secret) or [root]:
                hidden = SECRET if secret else UNSHOWN
                yield DifferenceFact(path=path, was=hidden, found=hidden)


def compared(
    path: str, was: JsonValue, found: JsonValue, secret: frozenset[str] = frozenset()
) -> Iterator[DifferenceFact]:
    """The differences inside a value. Lists are told as a whole unless objects are at the same places.

    `secret` has the paths whose values are not told.
    """
    pairs = _pairs(path, was, found)
    if path in secret:
        yield DifferenceFact(path=path, was=SECRET, found=SECRET)
    elif pairs is not None:
        for inner, before, after in pairs:
            if before != after:
                yield from compared(inner, before, after, secret)
    elif any(inside.startswith((f"{path}.", f"{path}[")) for inside in secret):
        yield DifferenceFact(path=path, was=SECRET, found=SECRET)
    else:
        yield DifferenceFact(path=path, was=was, found=found)


def _pairs(path: str, was: JsonValue, found: JsonValue) -> list[tuple[str, JsonValue, JsonValue]] | None:
    if isinstance(was, dict) and isinstance(found, dict):
        keys = dict.fromkeys([*was, *found])
        return [(f"{path}.{key}", was.get(key), found.get(key)) for key in keys]
    if not (isinstance(was, list) and isinstance(found, list) and len(was) == len(found)):
        return None
    if not all(isinstance(each, dict) for each in (*was, *found)):
        return None
    return [(f"{path}[{place}]", *both) for place, both in enumerate(zip(was, found, strict=True))]


def _secret_paths(path: str, value: JsonValue) -> Iterator[str]:
    if value == SECRET:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _secret_paths(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _secret_paths(f"{path}[{place}]", inner)


def _root(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]
