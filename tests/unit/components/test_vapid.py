"""Keys for web push: the forms of RFC 8292."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from components.vapid import is_vapid_pair, vapid_key


def pem(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def key(scalar: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(scalar, ec.SECP256R1())


def decoded(half: str) -> bytes:
    return base64.urlsafe_b64decode(half + "=" * (-len(half) % 4))


PEM = pem(key(0xC0FFEE))
PRIVATE, PUBLIC = vapid_key(PEM, "private"), vapid_key(PEM, "public")
OTHER_PUBLIC = vapid_key(pem(key(0xBEEF)), "public")


def test_the_private_half_is_the_scalar_in_32_bytes() -> None:
    assert int.from_bytes(decoded(PRIVATE), "big") == 0xC0FFEE
    assert len(decoded(PRIVATE)) == 32


def test_the_public_half_is_the_uncompressed_point() -> None:
    numbers = key(0xC0FFEE).public_key().public_numbers()
    assert decoded(PUBLIC) == b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def test_the_halves_are_base64url_without_padding() -> None:
    assert (len(PRIVATE), len(PUBLIC)) == (43, 87)
    assert not set("+/=") & set(PRIVATE + PUBLIC)


@pytest.mark.parametrize(
    "other", [ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()]
)
def test_a_key_of_another_kind_is_refused(other: PrivateKeyTypes) -> None:
    with pytest.raises(ValueError, match="P-256"):
        vapid_key(pem(other), "private")


@pytest.mark.parametrize("padding", ["", "="])
def test_two_halves_that_belong_together_are_a_pair_with_padding_or_without(padding: str) -> None:
    assert is_vapid_pair(PRIVATE + padding, PUBLIC + padding)


@pytest.mark.parametrize(
    ("private", "public"),
    [
        (PRIVATE, OTHER_PUBLIC),
        (PUBLIC, PRIVATE),
        (PRIVATE, PRIVATE),
        (PRIVATE[:-4], PUBLIC),
        (PRIVATE, PUBLIC[:-4]),
        ("", ""),
        ("no key", PUBLIC),
        (f"{PRIVATE}\n", PUBLIC),
        ("ключ", PUBLIC),
        ("A" * 43, PUBLIC),
        (PRIVATE, "A" * 87),
    ],
    ids=[
        "another key's half",
        "swapped",
        "one half twice",
        "short private",
        "short public",
        "empty",
        "no base64",
        "a line break",
        "no ASCII",
        "zero",
        "no point",
    ],
)
def test_anything_else_is_no_pair(private: str, public: str) -> None:
    assert not is_vapid_pair(private, public)
