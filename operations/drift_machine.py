"""Containers' environment on the machine, beside the state's.

The engine's refresh cannot tell of it. Docker changes no container's environment, so who changes one by hand
makes the container anew: to the provider, which goes by the id, it is gone. And of a container with the same
id the official provider does not read the environment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, JsonValue

from components.host.shell import with_variables
from operations.drift_events import kind_of
from operations.drift_facts import SECRET, UNSHOWN, DifferenceFact, DriftedFact
from operations.status_place import Place

CONTAINER = "docker:index/container:Container"
_SCRIPT = Path(__file__).with_name("drift_machine.sh")
_MARK = "4dabf18193072939515e22adb298388d"
"""The key by which a value in the state's text is known as secret."""


@dataclass(frozen=True)
class KnownContainer:
    """A container as the state has it. Secrets are plain text here."""

    urn: str
    id: str
    name: str
    """On the machine."""
    environment: Mapping[str, str]
    image: str
    deployment: str
    secret: bool = False
    """Whether its environment holds secrets."""

    @property
    def resource(self) -> str:
        """Its name in the program."""
        return self.urn.rpartition("::")[2]


class FoundContainer(BaseModel):
    """A container on the machine. Secrets are plain text here."""

    name: str
    id: str
    image: str
    """Its image's id."""
    environment: Sequence[str] | None
    given: Sequence[str] | None
    """The environment of its image."""
    deployment: str | None


class Recorded(BaseModel):
    """A resource of `pulumi stack export --show-secrets`."""

    urn: str
    type: str
    id: str = ""
    delete: bool = False
    inputs: Mapping[str, JsonValue] = {}
    outputs: Mapping[str, JsonValue] = {}


def known_containers(resources: Sequence[Recorded]) -> list[KnownContainer]:
    """The containers that the state has, but for those that the next update removes."""
    found = (_known(each) for each in resources if each.type == CONTAINER and not each.delete)
    return list(found)


def found_containers(place: Place, names: Sequence[str]) -> list[FoundContainer]:
    """Those of these names that are on the machine. Raises `UnreachableError`."""
    script = with_variables(_SCRIPT.read_text(), {"NAMES": "\n".join(names)})
    return [FoundContainer.model_validate_json(line) for line in place.run(script).splitlines()]


def with_environments(
    drifted: Sequence[DriftedFact], known: Sequence[KnownContainer], found: Sequence[FoundContainer]
) -> tuple[DriftedFact, ...]:
    """What the engine told, and what it could not tell: environments, and containers that were made anew."""
    there = {each.name: each for each in found}
    by_urn = {fact.urn: fact for fact in drifted}
    for each in known:
        other = there.get(each.name)
        if other:
            fact = _judged(each, other, by_urn.get(each.urn))
            if fact:
                by_urn[each.urn] = fact
    return tuple(by_urn.values())


def _judged(known: KnownContainer, found: FoundContainer, told: DriftedFact | None) -> DriftedFact | None:
    differences = tuple(_differences(known, found))
    if known.id != found.id:
        # By hand, or the state is old.
        return _remade(known, found, differences)
    if not differences:
        return told
    fact = told or DriftedFact(
        name=known.resource,
        kind=kind_of(CONTAINER),
        urn=known.urn,
        change="changed",
        up=f"may pass over it; pulumi up --replace '{known.urn}' makes it anew",
        refresh="may pass over it",
    )
    others = (each for each in fact.differences if each.path != "envs")
    return fact.model_copy(update={"differences": (*others, *differences)})


def _remade(
    known: KnownContainer, found: FoundContainer, differences: tuple[DifferenceFact, ...]
) -> DriftedFact:
    identity = DifferenceFact(path="id", was=known.id[:12], found=found.id[:12])
    image = (
        (DifferenceFact(path="image", was=known.image, found=found.image),)
        if known.image.startswith("sha256:") and known.image != found.image
        else ()
    )
    if found.deployment == known.deployment:
        up = "removes the one that was found and makes the right one"
    else:
        up = (
            f"fails, as the name is taken by a container without this deployment's label: docker rm -f"
            f" {known.name} on the machine first"
        )
    return DriftedFact(
        name=known.resource,
        kind=kind_of(CONTAINER),
        urn=known.urn,
        change="remade",
        differences=(identity, *image, *differences),
        up=up,
        refresh="forgets the one that is gone; the next pulumi up does as pulumi up --refresh",
    )


def _differences(known: KnownContainer, found: FoundContainer) -> Iterator[DifferenceFact]:
    is_there = _variables(found.environment or ())
    given = {**_variables(found.given or ()), "PATH": is_there.get("PATH", "")}
    for name in dict.fromkeys([*known.environment, *is_there]):
        was, now = known.environment.get(name), is_there.get(name)
        if was == now or (was is None and now == given.get(name)):
            continue
        if was is None:
            # Whoever added it did not say whether it is secret.
            yield DifferenceFact(path=f"envs.{name}", was=None, found=UNSHOWN)
        elif known.secret:
            yield DifferenceFact(path=f"envs.{name}", was=SECRET, found=None if now is None else SECRET)
        else:
            yield DifferenceFact(path=f"envs.{name}", was=was, found=now)


def _variables(environment: Sequence[str]) -> dict[str, str]:
    return {name: value for name, _, value in (each.partition("=") for each in environment)}


def _known(resource: Recorded) -> KnownContainer:
    envs, secret = _plain(resource.inputs.get("envs"))
    labels, _ = _plain(resource.inputs.get("labels"))
    pairs = {
        str(each.get("label")): str(each.get("value"))
        for each in (labels if isinstance(labels, list) else ())
        if isinstance(each, dict)
    }
    name, _ = _plain(resource.inputs.get("name"))
    image, _ = _plain(resource.inputs.get("image"))
    return KnownContainer(
        urn=resource.urn,
        id=resource.id,
        name=str(name),
        environment=_variables([str(each) for each in envs] if isinstance(envs, list) else ()),
        image=str(image),
        deployment=pairs.get("homeport.deployment", ""),
        secret=secret,
    )


def _plain(value: JsonValue) -> tuple[JsonValue, bool]:
    """A value of the export without its marks, and whether there was one."""
    if isinstance(value, dict):
        if _MARK in value:
            return _plain(json.loads(str(value.get("plaintext"))))[0], True
        inner = {key: _plain(each) for key, each in value.items()}
        return {key: each for key, (each, _) in inner.items()}, any(mark for _, mark in inner.values())
    if isinstance(value, list):
        parts = [_plain(each) for each in value]
        return [each for each, _ in parts], any(mark for _, mark in parts)
    return value, False
