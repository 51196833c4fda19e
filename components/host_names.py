"""Names of hosts: whether one can be, and what was probably meant where it cannot. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST_COMMON_NAME = 64
"""Characters of a certificate's common name (RFC 5280, appendix A.1, `ub-common-name`). acme.sh makes a
certificate's first name its common name, and OpenSSL refuses a longer one ("string too long: maxsize=64")."""
_LONGEST = 253
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_host_name(text: str) -> bool:
    """Whether this is a host name of two labels or more, in lower case (RFC 1123), and no address."""
    labels = text.split(".")
    return (
        len(text) <= _LONGEST
        and len(labels) >= 2
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


def is_address(text: str) -> bool:
    """Whether this has the form of an IPv4 address, or ends like one."""
    labels = text.split(".")
    return len(labels) >= 2 and labels[-1].isascii() and labels[-1].isdigit()


def hint(text: str) -> str:
    """What to write instead, as the end of a message; empty where nobody knows."""
    bare = _SCHEME.sub("", text.strip()).split("/", 1)[0]
    host, _, port = bare.partition(":")
    meant = in_ascii((host if port.isdigit() or not port else bare).rstrip(".").lower())
    if meant == text or not is_host_name(meant):
        return ""
    if not text.isascii():
        return f"; letters beyond ASCII are written in their xn-- form (RFC 5891), here {meant}"
    return f"; here that is {meant}"


def in_ascii(name: str) -> str:
    """A name with each label beyond ASCII in its `xn--` form (RFC 5890, section 2.3.2.1).

    With the rules of 2008, as browsers have them: Python's own codec `idna` makes `ss` of `ß`.
    """
    labels = (unicodedata.normalize("NFC", label) for label in name.split("."))
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in labels
    )
