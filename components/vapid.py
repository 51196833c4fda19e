"""Keys for web push, in the form that applications take them.

The library is imported where it is needed: most stacks have no such key, and it takes a while.
"""

from __future__ import annotations

import base64
from typing import Literal

_SIZES = {"private": 32, "public": 65}


def vapid_key(pem: str, half: Literal["private", "public"]) -> str:
    """One half of a P-256 key pair: the raw scalar or the uncompressed point, base64url without padding.

    Source: RFC 8292, section 3.2. Raises `ValueError` for any other key.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("web push wants a key on the curve P-256")
    if half == "private":
        raw = key.private_numbers().private_value.to_bytes(_SIZES["private"], "big")
    else:
        raw = key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def is_vapid_pair(private: str, public: str) -> bool:
    """Whether the two halves are well-formed and belong together. Padding is accepted."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    try:
        scalar = int.from_bytes(_decoded(private, "private"), "big")
        expected = ec.derive_private_key(scalar, ec.SECP256R1()).public_key()
        point = expected.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return point == _decoded(public, "public")
    except ValueError:
        return False


def _decoded(text: str, half: Literal["private", "public"]) -> bytes:
    stripped = text.rstrip("=")
    raw = base64.b64decode(stripped + "=" * (-len(stripped) % 4), altchars=b"-_", validate=True)
    if len(raw) != _SIZES[half]:
        raise ValueError(f"{_SIZES[half]} bytes are a {half} key, not {len(raw)}")
    return raw
