"""Addresses of mail: whether one can be, and what is wrong with it. Pure."""

from __future__ import annotations

import re

from components.host_names import hint, is_host_name

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LONGEST = 64
"""Bytes of the part before the `@` (RFC 5321, section 4.5.3.1.1)."""
_WITH_NAME = re.compile(r"[^<>]*<([^<>]*)>")
_RESERVED = ("example", "test", "invalid", "localhost", "local", "example.com", "example.net", "example.org")
"""Names in which nobody has a mailbox (RFC 2606, RFC 6761, RFC 6762)."""


def problem_of_email(text: str) -> str | None:
    """What is right instead, as the end of "allowed:"; None for an address."""
    wanted = "an e-mail address such as admin@example.com"
    bare = text.strip()
    named = _WITH_NAME.fullmatch(bare)
    if named:
        return f"{wanted}, alone{_hint(named[1], text)}"
    if bare.lower().startswith("mailto:"):
        return f"{wanted}, without mailto{_hint(bare[len('mailto:') :], text)}"
    if len(re.findall(r"[^\s,;]+@[^\s,;]+", bare)) > 1:
        return "one e-mail address, such as admin@example.com; a mailing list can have several members"
    local_part, _, domain = text.rpartition("@")
    if _LOCAL_PART.fullmatch(local_part) and len(local_part) <= _LONGEST and is_host_name(domain.lower()):
        return None
    return f"{wanted}{_hint(bare, text)}{hint(domain) if local_part and not domain.isascii() else ''}"


def is_reserved(domain: str) -> bool:
    """Whether a domain is one that nobody can have, or inside one: `example.com`, `homeport.test`."""
    name = domain.lower()
    return "." not in name or any(name == other or name.endswith(f".{other}") for other in _RESERVED)


def _hint(meant: str, found: str) -> str:
    meant = meant.strip().partition("?")[0]
    return f": {meant}" if meant != found and problem_of_email(meant) is None else ""
