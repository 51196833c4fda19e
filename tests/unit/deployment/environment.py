"""The environment of a container."""

from __future__ import annotations

from tests.unit.deployment.recording import Resource
from tests.unit.deployment.value import Secret, Value, at, revealed


def environment(container: Resource) -> dict[str, Value]:
    """Its variables; those that must not be shown as `Secret`."""
    found: dict[str, Value] = {}
    for index in range(len(container.texts("envs"))):
        entry = at(container.inputs, ("envs", index))
        text = revealed(entry)
        assert isinstance(text, str)
        name, _, value = text.partition("=")
        found[name] = Secret(value) if isinstance(entry, Secret) else value
    return found
