"""Lines that can log somebody in, and lines that never can."""

from __future__ import annotations

import base64

import pytest

from components.host.public_keys import problem_of_public_key

FORM = "a public key in OpenSSH's form, one line as in ~/.ssh/id_ed25519.pub"


def line(kind: str, *parts: bytes, written: str = "") -> str:
    """A key of this kind with these parts after it; `written` is what the line says in place of the kind."""
    blob = b"".join(len(part).to_bytes(4) + part for part in (kind.encode(), *parts))
    return f"{written or kind} {base64.b64encode(blob).decode()}"


def rsa(bits: int) -> str:
    return line("ssh-rsa", b"\x01\x00\x01", b"\x00" + (1 << (bits - 1)).to_bytes(bits // 8))


ED25519 = line("ssh-ed25519", bytes(32))


@pytest.mark.parametrize(
    "key",
    [
        ED25519,
        f"{ED25519} ada@laptop",
        f"{ED25519} Ada Lovelace, work",
        rsa(4096),
        line("ecdsa-sha2-nistp256", b"nistp256", bytes(65)),
        line("ecdsa-sha2-nistp521", b"nistp521", bytes(133)),
        line("sk-ssh-ed25519@openssh.com", bytes(32), b"ssh:"),
        line("sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", bytes(65), b"ssh:"),
    ],
)
def test_a_key_of_any_kind_that_openssh_makes_is_taken(key: str) -> None:
    assert problem_of_public_key(key) is None


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", FORM),
        ("ssh-ed25519", FORM),
        (f"{ED25519}\nroot:{ED25519}", FORM),
        ("ssh-ed25519 AAAA...", f"{FORM}; what follows ssh-ed25519 is cut off or was changed"),
        (ED25519[:-8], f"{FORM}; what follows ssh-ed25519 is cut off or was changed"),
        (
            line("ssh-rsa", b"x", written="ssh-ed25519"),
            f"{FORM}; the key after ssh-ed25519 is one of",
        ),
        (line("ssh-ed25519", bytes(31)), f"{FORM}; this one has not the length"),
        (line("ssh-ed25519", bytes(32), b"x"), f"{FORM}; this one has not the length"),
        (line("ecdsa-sha2-nistp384", b"nistp256", bytes(97)), f"{FORM}; this one is on another curve"),
        (rsa(768), "an RSA key of 1024 bits or more: with 768, OpenSSH lets nobody in"),
        (line("ssh-dss", bytes(128)), f"{FORM}; no DSA key"),
        (line("ssh-ed25519-cert-v01@openssh.com", bytes(32)), f"{FORM}; this is a certificate"),
        (f'command="date" {ED25519}', f"{FORM}, of one of these kinds: ssh-ed25519, ssh-rsa"),
        (f"ada:{ED25519}", f"{FORM}, of one of these kinds: ssh-ed25519, ssh-rsa"),
        ("---- BEGIN SSH2 PUBLIC KEY ----", f"{FORM}; this is the form of RFC 4716"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "public keys only; this is a private one",
        ),
        ("PuTTY-User-Key-File-3: ssh-ed25519", "public keys only; this is a private one"),
    ],
)
def test_a_line_that_logs_nobody_in_is_refused_with_the_reason(key: str, problem: str) -> None:
    assert str(problem_of_public_key(key)).startswith(problem)
