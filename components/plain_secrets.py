"""What looks like a secret in plain text: by the name of a variable, and by the shape of a value. Pure."""

from __future__ import annotations

import re

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


def named_like_a_secret(name: str, value: str) -> bool:
    """Whether a variable's name says that it holds a secret, and its value does not say otherwise."""
    return bool(
        _SECRET_NAME.search(name) and not _NO_SECRET_NAME.search(name) and not _NO_SECRET.fullmatch(value)
    )


def shapes_of_secrets(value: str) -> list[str]:
    """What is in a text that can only be a secret, in words: `a private key`."""
    return [shape for shape, pattern in _SHAPES.items() if pattern.search(value)]
