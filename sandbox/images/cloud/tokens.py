"""Access tokens of service accounts, as the metadata server issues them and Google's APIs take them."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

KEY = Path("/run/cloud/tokens.key")
_PREFIX = "ya29.sandbox"
LIFETIME_SECONDS = 3599


@dataclass(frozen=True)
class Identity:
    """Who a token was issued to, and what for."""

    email: str
    scopes: tuple[str, ...]


def issue(identity: Identity, key: bytes, now: float | None = None) -> str:
    """A token that is good for an hour."""
    expires = int(time.time() if now is None else now) + LIFETIME_SECONDS
    content = json.dumps([identity.email, identity.scopes, expires]).encode()
    text = base64.urlsafe_b64encode(content).decode()
    return f"{_PREFIX}.{text}.{_signature(text, key)}"


def read(token: str, key: bytes) -> Identity | None:
    """Whose token this is; None for one that was not issued here, or is too old."""
    prefix, _, rest = token.rpartition(f"{_PREFIX}.")
    text, _, signature = rest.partition(".")
    if prefix or not hmac.compare_digest(signature.encode(), _signature(text, key).encode()):
        return None
    email, scopes, expires = json.loads(base64.urlsafe_b64decode(text))
    return Identity(email, tuple(scopes)) if time.time() < expires else None


def answer(email: str, scopes: Sequence[str]) -> dict[str, str | int]:
    """What the metadata server says when it is asked for a token."""
    token = issue(Identity(email, tuple(scopes)), KEY.read_bytes())
    return {"access_token": token, "expires_in": LIFETIME_SECONDS, "token_type": "Bearer"}


def _signature(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), "sha256").hexdigest()
