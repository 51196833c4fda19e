"""Secrets that everybody can read who reads the state, the console or `docker inspect`.

The engine tells which values are secret: those it stores encrypted and hides. A rule sees what is left.
"""

from __future__ import annotations

from collections.abc import Iterator

from components.plain_secrets import named_like_a_secret, shapes_of_secrets
from policies.kinds import CONTAINER, LOCAL_COMMAND, REMOTE_COMMAND
from policies.properties import NotKnownYet, SecretText
from policies.rule import Resource, Rule


def _plain(resource: Resource) -> Iterator[str]:
    for name, value in _named(resource):
        if _is_secret(name, value):
            yield f"has the value of {name} in plain text"
    for path, value in resource.properties.leaves():
        if isinstance(value, SecretText):
            continue
        for shape in shapes_of_secrets(value):
            yield f"has {shape} in plain text in its property {path}"


def _is_secret(name: str, value: str) -> bool:
    return not isinstance(value, SecretText) and named_like_a_secret(name, value)


def _named(resource: Resource) -> Iterator[tuple[str, str]]:
    """Variables and labels, with what they hold as far as it is known."""
    if resource.kind == CONTAINER:
        for variable in resource.properties.texts("envs"):
            if not isinstance(variable, SecretText):
                name, _, value = variable.partition("=")
                yield name, value
        for label in resource.properties.parts("labels"):
            try:
                yield label.text("label"), label.text("value")
            except NotKnownYet:
                continue
    elif resource.kind in {REMOTE_COMMAND, LOCAL_COMMAND}:
        yield from resource.properties.part("environment").leaves()


RULES = (
    Rule(
        name="no-plain-secret",
        level="mandatory",
        what="No password, key or token is in plain text in a variable, a label or another property.",
        why="Whoever may read the state, a preview in a pull request or `docker inspect` has it.",
        fix="For an app's variable: `secretEnvironment` with the name of a secret of the stack, set with"
        " `pulumi config set --secret`. In a program of your own: `Output.secret`. Change it, as it is out.",
        kinds=(),
        find=_plain,
    ),
)
