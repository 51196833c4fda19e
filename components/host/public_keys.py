"""Public keys of OpenSSH: whether a line can ever log anybody in. Pure.

Formats: RFC 4253, section 6.6 (RSA), RFC 5656, section 3.1 (ECDSA), RFC 8709, section 4 (Ed25519), and
OpenSSH's PROTOCOL.u2f for keys on a token.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

_FORM = "a public key in OpenSSH's form, one line as in ~/.ssh/id_ed25519.pub"
_CURVES = {"nistp256": 65, "nistp384": 97, "nistp521": 133}
"""Curve -> bytes of an uncompressed point on it."""
_FEWEST_RSA_BITS = 1024
"""Fewer are refused at log-in (sshd_config(5), `RequiredRSASize`)."""
_LINE = re.compile(r"(?P<kind>\S+) +(?P<key>\S+)(?: .*)?")
_PRIVATE = re.compile(r"PRIVATE KEY|PuTTY-User-Key-File")


@dataclass(frozen=True)
class _Kind:
    """What the key itself holds after its kind: the lengths of its parts in bytes, 0 for any."""

    parts: tuple[int, ...]
    curve: str = ""


_KINDS = {
    "ssh-ed25519": _Kind((32,)),
    "ssh-rsa": _Kind((0, 0)),
    **{f"ecdsa-sha2-{curve}": _Kind((0, size), curve) for curve, size in _CURVES.items()},
    "sk-ssh-ed25519@openssh.com": _Kind((32, 0)),
    "sk-ecdsa-sha2-nistp256@openssh.com": _Kind((0, _CURVES["nistp256"], 0), "nistp256"),
}


def is_private_key(text: str) -> bool:
    """Whether a text is, or has in it, the private half of a key."""
    return bool(_PRIVATE.search(text))


def problem_of_public_key(text: str) -> str | None:
    """What is right instead, as the end of "allowed:"; None for a key that can log in."""
    if is_private_key(text):
        return "public keys only; this is a private one, replace it at once"
    if "SSH2 PUBLIC KEY" in text:
        return f"{_FORM}; this is the form of RFC 4716, ssh-keygen -i -f <file> turns it into that"
    line = _LINE.fullmatch(text)
    if not line or not text.isprintable():
        return _FORM
    kind, key = line["kind"], line["key"]
    if kind not in _KINDS:
        return _unknown_kind(kind)
    try:
        parts = _parts(base64.b64decode(key, validate=True))
    except (binascii.Error, ValueError):
        return f"{_FORM}; what follows {kind} is cut off or was changed: copy it again"
    if parts[0].decode("ascii", "replace") != kind:
        return f"{_FORM}; the key after {kind} is one of another kind: copy it again"
    return _problem_of_parts(kind, parts[1:])


def _unknown_kind(kind: str) -> str:
    if kind in {"ssh-dss", "ssh-dsa"}:
        return f"{_FORM}; no DSA key, which OpenSSH no longer takes: make one with ssh-keygen -t ed25519"
    if "-cert-" in kind:
        return f"{_FORM}; this is a certificate, and there is no authority here that it is from"
    return f"{_FORM}, of one of these kinds: {', '.join(_KINDS)}; without options or a user's name before it"


def _problem_of_parts(kind: str, parts: list[bytes]) -> str | None:
    wanted = _KINDS[kind]
    if len(parts) != len(wanted.parts) or any(
        size and len(part) != size for size, part in zip(wanted.parts, parts, strict=True)
    ):
        return f"{_FORM}; this one has not the length of a key of kind {kind}: copy it again"
    if wanted.curve and parts[0].decode("ascii", "replace") != wanted.curve:
        return f"{_FORM}; this one is on another curve than {kind} says: copy it again"
    bits = int.from_bytes(parts[1]).bit_length() if kind == "ssh-rsa" else _FEWEST_RSA_BITS
    if bits < _FEWEST_RSA_BITS:
        return f"an RSA key of {_FEWEST_RSA_BITS} bits or more: with {bits}, OpenSSH lets nobody in"
    return None


def _parts(blob: bytes) -> list[bytes]:
    """The strings in a key, each behind its length (RFC 4251, section 5). Raises `ValueError`."""
    parts = []
    while blob:
        size = int.from_bytes(blob[:4])
        if len(blob) < 4 + size or len(blob) < 4:
            raise ValueError("cut off")
        parts.append(blob[4 : 4 + size])
        blob = blob[4 + size :]
    if not parts:
        raise ValueError("empty")
    return parts
