"""Tells rules which values the engine knows to be secret."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_policy import deserialize, policy

from policies.properties import SecretText


def keep_secrecy() -> None:
    """Have secret strings come to the rules as `SecretText`.

    The engine says which values are secret, but pulumi_policy (1.21) takes that away before a rule is asked,
    and has no setting for it. `RuntimeError` where another release of it does this elsewhere: every secret
    would then be reported as one in plain text.
    """
    if vars(policy).get("deserialize_properties") is not deserialize.deserialize_properties:
        raise RuntimeError("pulumi_policy no longer reads properties where policies/secrecy.py expects it")
    vars(policy)["deserialize_properties"] = deserialized


def deserialized(properties: dict[str, object], proxy_secrets: bool = False) -> dict[str, object]:
    """What pulumi_policy makes of what the engine sent, with secret strings marked."""
    marked = properties if proxy_secrets else {name: _marked(value) for name, value in properties.items()}
    return deserialize.deserialize_properties(marked, proxy_secrets)


def _marked(value: object, secret: bool = False) -> object:
    if isinstance(value, str):
        return SecretText(value) if secret else value
    if isinstance(value, list):
        return [_marked(element, secret) for element in value]
    if isinstance(value, Mapping):
        if value.get(deserialize.SPECIAL_SIG_KEY) == deserialize.SPECIAL_SECRET_SIG:
            return _marked(value["value"], secret=True)
        if deserialize.SPECIAL_SIG_KEY in value:
            return value
        return {key: _marked(child, secret) for key, child in value.items()}
    return value
