"""What a DNS service checks of a record's values, and how it stores them: as a zone file has them. Pure."""

from __future__ import annotations

import ipaddress
import re

from sandbox.providers.resource import ProviderError

_STRING = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))\s*')
_ESCAPE = re.compile(r"\\(?:[0-9]{3}|.)")
_NAME = re.compile(r"[A-Za-z0-9_*-]+(\.[A-Za-z0-9_-]+)*\.?")
_CAA = re.compile(r'[0-9]{1,3} (issue|issuewild|iodef) "[^"]*"')
_TYPES = {"A", "AAAA", "CAA", "CNAME", "MX", "NS", "TXT"}


def stored(kind: str, value: str, *, dots: bool) -> str:
    """One value as the service gives it back. With `dots`, names must have their final dot.

    Raises `ProviderError` with the reason where the service would refuse it.
    """
    if kind not in _TYPES:
        raise ProviderError(f"the sandbox does not know records of type {kind}")
    if kind in {"A", "AAAA"}:
        _address(4 if kind == "A" else 6, value)
    elif kind == "CAA" and not _CAA.fullmatch(value):
        raise ProviderError(f"Invalid rdata of type CAA: {value}")
    elif kind == "TXT":
        return _texts(value)
    elif kind in {"CNAME", "NS", "MX"}:
        _name(kind, value, dots=dots)
    return value


def _address(version: int, value: str) -> None:
    try:
        if ipaddress.ip_address(value).version == version:
            return
    except ValueError:
        pass
    raise ProviderError(f"Invalid rdata: {value!r} is no IPv{version} address")


def _name(kind: str, value: str, *, dots: bool) -> None:
    preference, _, name = value.rpartition(" ")
    wanted = re.fullmatch("[0-9]{1,5}", preference) if kind == "MX" else not preference
    if not wanted or not _NAME.fullmatch(name) or (dots and not name.endswith(".")):
        raise ProviderError(f"Invalid rdata of type {kind}: {value!r}")


def _texts(value: str) -> str:
    """Every character-string in quotes, one blank between two; words without quotes are one each."""
    strings, position = [], 0
    while position < len(value):
        found = _STRING.match(value, position)
        if not found:
            raise ProviderError(f"Invalid rdata of type TXT: {value}")
        text = found[2] if found[1] is None else found[1]
        if len(_ESCAPE.sub("x", text).encode()) > 255:
            raise ProviderError(
                f"Invalid rdata of type TXT: a character-string longer than 255 bytes: {text}"
            )
        strings.append(f'"{text}"')
        position = found.end()
    if not strings:
        raise ProviderError("Invalid rdata of type TXT: it is empty")
    return " ".join(strings)
