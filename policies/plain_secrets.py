"""Secrets that everybody can read who reads the state, the console or `docker inspect`.

The engine tells which values are secret: those it stores encrypted and hides. A rule sees what is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.kinds import CONTAINER, LOCAL_COMMAND, REMOTE_COMMAND
from policies.properties import NotKnownYet, SecretText
from policies.rule import Resource, Rule

_SECRET_NAME = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|API_?KEY|(^|[_.-])(KEY|PWD)([_.-]|$)|PRIVATE_?KEY",
    re.IGNORECASE,
)
_NO_SECRET_NAME = re.compile(r"PUBLIC|(FILE|PATH|DIR|ID|NAME|LENGTH|TTL|EXPIRY|ENABLED?|METHOD|TYPE)$", re.I)
"""What such a variable holds is a place, a measure or a choice, or meant for everybody."""
_NO_SECRET = re.compile(r"|true|false|yes|no|on|off|none|disabled?|enabled?|\d{1,5}|/\S*|\*+", re.IGNORECASE)
"""A switch, a number, a path, nothing."""
_SHAPES = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a URL with a password": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"$<{(]+:[^\s/@'\"$<{(%]+@[\w.\[-]"),
    "a token of GitHub": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})"),
    "a token of GitLab": re.compile(r"\bglpat-[\w-]{20,}"),
    "a token of Slack": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    "an access key of AWS": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "an API key of Google": re.compile(r"\bAIza[\w-]{35}\b"),
    "a token of Pulumi": re.compile(r"\bpul-[0-9a-f]{40}\b"),
    "a key of Stripe": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
}


def _plain(resource: Resource) -> Iterator[str]:
    for name, value in _named(resource):
        if _is_secret(name, value):
            yield f"has the value of {name} in plain text"
    for path, value in resource.properties.leaves():
        if isinstance(value, SecretText):
            continue
        for shape, pattern in _SHAPES.items():
            if pattern.search(value):
                yield f"has {shape} in plain text in its property {path}"


def _is_secret(name: str, value: str) -> bool:
    return bool(
        _SECRET_NAME.search(name)
        and not _NO_SECRET_NAME.search(name)
        and not isinstance(value, SecretText)
        and not _NO_SECRET.fullmatch(value)
    )


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
        fix="Make it secret: `pulumi config set --secret`, or `Output.secret`; and change it, as it is out.",
        kinds=(),
        find=_plain,
    ),
)
