"""Rules asked about a resource, in the form in which the engine tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import unknown_checking_proxy

from policies.kinds import CONTAINER
from policies.rules import RULES
from policies.secrecy import deserialized

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""A string that a preview cannot tell, as the engine writes it."""

SERVICE: Mapping[str, object] = {
    "name": "chat-app",
    "image": "sha256:" + 64 * "a",
    "command": ["app", "serve"],
    "user": "1000:1000",
    "readOnly": True,
    "capabilities": {"drops": ["ALL"]},
    "securityOpts": ["no-new-privileges:true"],
    "restart": "always",
    "wait": True,
    "healthcheck": {"tests": ["CMD", "app", "check"]},
    "memory": 64.0,
    "logDriver": "local",
    "envs": ["LOCAL_DOMAIN=example.com"],
    "labels": [{"label": "homeport.app", "value": "chat"}],
    "networksAdvanced": [{"name": UNKNOWN, "aliases": ["app"]}],
    "volumes": [{"volumeName": UNKNOWN, "containerPath": "/data"}],
}
"""A container that keeps every rule."""


@dataclass(frozen=True)
class Asked:
    """A resource as a program asks for it."""

    kind: str
    properties: Mapping[str, object]
    name: str = "it"
    protect: bool = False
    ignore_changes: Sequence[str] = ()
    uses: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """Property -> kind and name of the resources that its value comes from."""


def container(**changes: object) -> Asked:
    """A container that keeps every rule, but for these properties; None takes one away."""
    properties = {name: value for name, value in {**SERVICE, **changes}.items() if value is not None}
    return Asked(CONTAINER, properties, "app")


def labelled(label: str, value: str, **changes: object) -> Asked:
    """Such a container with one label."""
    return container(labels=[{"label": label, "value": value}], **changes)


def secret(value: object) -> dict[str, object]:
    """A value that the engine knows to be secret."""
    return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": value}


def found(rule: str, *resources: Asked) -> list[str]:
    """What a rule reports about resources; a rule about single ones is asked about each."""
    policy = next(one for one in RULES if one.name == rule).policy()
    reports: list[str] = []

    def report(message: str, _: str | None = None) -> None:
        reports.append(message)

    if isinstance(policy, StackValidationPolicy):
        policy.validate(StackValidationArgs([_resource(one) for one in resources]), report)
        return reports
    assert isinstance(policy, ResourceValidationPolicy)
    for one in resources:
        arguments = ResourceValidationArgs(
            one.kind, _properties(one), _urn(one), one.name, _options(one), provider=None
        )
        policy.validate(arguments, report)
    return reports


def broken_by(resource: Asked) -> set[str]:
    """Names of all rules that report something about a resource."""
    return {rule.name for rule in RULES if found(rule.name, resource)}


def _resource(one: Asked) -> PolicyResource:
    uses = {
        name: [_resource(Asked(kind, {}, used)) for kind, used in sources]
        for name, sources in one.uses.items()
    }
    return PolicyResource(
        one.kind, _properties(one), _urn(one), one.name, _options(one), None, None, [], uses
    )


def _properties(one: Asked) -> dict[str, object]:
    return unknown_checking_proxy(deserialized(dict(one.properties)))


def _urn(one: Asked) -> str:
    return f"urn:pulumi:chat::homeport::{one.kind}::{one.name}"


def _options(one: Asked) -> PolicyResourceOptions:
    return PolicyResourceOptions(
        one.protect, list(one.ignore_changes), None, [], PolicyCustomTimeouts(0, 0, 0), []
    )
