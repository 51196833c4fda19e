"""A rule: what is demanded of a resource, why, and what to do where it is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.properties import NotKnownYet, Properties

Level: TypeAlias = Literal["mandatory", "advisory"]


@dataclass(frozen=True)
class Resource:
    """A resource that the program asks for."""

    kind: str
    """Its type token, such as `docker:index/container:Container`."""
    name: str
    """As the program calls it."""
    properties: Properties
    """Its inputs; in a `StackRule` its outputs, which hold the inputs as well."""
    protect: bool = False
    ignore_changes: frozenset[str] = frozenset()
    """Properties in Pulumi's spelling, such as `ecdsaCurve`."""
    urn: str = ""
    uses: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """Property -> kind and name of each resource that its value comes from. Only a `StackRule` is told."""


@dataclass(frozen=True)
class _Rule:
    name: str
    """In kebab-case. Configuration names the rule so."""
    level: Level
    """Of a pack that is not configured: whether an update stops, or is warned."""
    what: str
    """What is demanded: one sentence."""
    why: str
    """What may happen otherwise: whole sentences."""
    fix: str
    """What to do: whole sentences."""

    @property
    def _enforcement(self) -> EnforcementLevel:
        return EnforcementLevel.MANDATORY if self.level == "mandatory" else EnforcementLevel.ADVISORY

    def _message(self, resource: Resource, finding: str) -> str:
        return f"{resource.name} {finding}. {self.why} {self.fix}"


@dataclass(frozen=True)
class Rule(_Rule):
    """A rule about one resource. It is asked before anything is done to the resource."""

    kinds: tuple[str, ...]
    """Type tokens of the resources that it is about; empty: all."""
    find: Callable[[Resource], Iterator[str]]
    """What is wrong, one text each that goes on where the resource's name ends: `publishes port 5432`."""

    def policy(self) -> Policy:
        """The rule as the engine takes it."""
        return ResourceValidationPolicy(self.name, self.what, self._validate, self._enforcement)

    def _validate(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        if self.kinds and args.resource_type not in self.kinds:
            return
        resource = _resource(args)
        try:
            for finding in self.find(resource):
                report(self._message(resource, finding), None)
        except NotKnownYet:
            return


@dataclass(frozen=True)
class StackRule(_Rule):
    """A rule about several resources. It is asked at the end: a preview stops before anything is made."""

    find: Callable[[Sequence[Resource]], Iterator[tuple[Resource, str]]]
    """A resource and what is wrong with it, as in `Rule.find`."""

    def policy(self) -> Policy:
        """The rule as the engine takes it."""
        return StackValidationPolicy(self.name, self.what, self._validate, self._enforcement)

    def _validate(self, args: StackValidationArgs, report: ReportViolation) -> None:
        try:
            for resource, finding in self.find([_resource(one) for one in args.resources]):
                report(self._message(resource, finding), resource.urn)
        except NotKnownYet:
            return


AnyRule: TypeAlias = Rule | StackRule


def _resource(args: ResourceValidationArgs | PolicyResource) -> Resource:
    sources = args.property_dependencies if isinstance(args, PolicyResource) else {}
    return Resource(
        kind=args.resource_type,
        name=args.name,
        properties=Properties(args.props),
        protect=args.opts.protect,
        ignore_changes=frozenset(args.opts.ignore_changes),
        urn=args.urn,
        uses={key: [(one.resource_type, one.name) for one in found] for key, found in sources.items()},
    )
