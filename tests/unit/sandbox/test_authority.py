"""What the sandbox's authority issues, and what becomes of what an older version of it has issued."""

from __future__ import annotations

import datetime
import shutil
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store

import sandbox.authority
from sandbox.authority import Authority
from tests.unit.handshake import shake_hands
from tools.tls_contexts import browser_context, server_context, strict_context

NAME = "chat.homeport.test"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path / "ca")
    authority.create()
    return authority


@pytest.fixture
def old(authority: Authority, tmp_path: Path) -> Authority:
    """The same root as it was before Python 3.13: without key identifiers."""
    old = Authority(tmp_path / "old")
    old.folder.mkdir()
    shutil.copy(authority.folder / "ca.key", old.folder)
    key = serialization.load_pem_private_key((old.folder / "ca.key").read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    root = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    builder = (
        x509.CertificateBuilder()
        .subject_name(root.subject)
        .issuer_name(root.issuer)
        .public_key(key.public_key())
        .serial_number(root.serial_number)
        .not_valid_before(root.not_valid_before_utc)
        .not_valid_after(root.not_valid_after_utc)
    )
    for extension in root.extensions:
        if not isinstance(extension.value, x509.SubjectKeyIdentifier | x509.AuthorityKeyIdentifier):
            builder = builder.add_extension(extension.value, extension.critical)
    signed = builder.sign(key, hashes.SHA256())
    old.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return old


def issued(authority: Authority, names: tuple[str, ...] = (NAME,)) -> x509.Certificate:
    authority.issue(authority.folder / "server", list(names))
    return x509.load_pem_x509_certificate((authority.folder / "server.crt").read_bytes())


def server(authority: Authority) -> ssl.SSLContext:
    issued(authority)
    return server_context(authority.folder / "server.crt", authority.folder / "server.key")


def test_a_strict_client_trusts_what_it_issues(authority: Authority) -> None:
    shake_hands(strict_context(authority.certificate), server(authority), NAME)


def test_a_client_that_knows_a_server_by_its_address_trusts_it(authority: Authority) -> None:
    issued(authority, (NAME, "172.31.0.2"))
    served = server_context(authority.folder / "server.crt", authority.folder / "server.key")
    shake_hands(strict_context(authority.certificate), served, "172.31.0.2")
    before = (authority.folder / "server.crt").read_bytes()
    issued(authority, (NAME, "172.31.0.2"))
    assert (authority.folder / "server.crt").read_bytes() == before


def test_a_verifier_of_another_make_trusts_it_too(authority: Authority) -> None:
    # It asks for what RFC 5280 and the browsers' own rules do, which extensions are critical among it.
    root = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    verifier = PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName(NAME))
    assert verifier.verify(issued(authority), [])


def test_a_root_without_a_key_identifier_is_what_strict_clients_refuse(old: Authority) -> None:
    served = server(old)
    shake_hands(browser_context(old.certificate), served, NAME)
    with pytest.raises(ssl.SSLCertVerificationError, match="Missing Subject Key Identifier"):
        shake_hands(strict_context(old.certificate), served, NAME)


def test_a_root_without_a_key_identifier_is_made_anew_and_so_is_what_it_signed(old: Authority) -> None:
    before = issued(old)
    old.create()
    assert issued(old) != before
    shake_hands(strict_context(old.certificate), server(old), NAME)


def test_a_root_that_is_good_stays_and_so_does_what_it_signed(authority: Authority) -> None:
    root, before = authority.certificate.read_bytes(), issued(authority)
    authority.create()
    assert authority.certificate.read_bytes() == root
    assert issued(authority) == before


def test_a_root_that_ends_soon_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(sandbox.authority, "_VALID", datetime.timedelta(days=29))
        authority.create()
    before = authority.identifier
    authority.create()
    assert authority.identifier != before


def test_a_certificate_that_ends_soon_is_issued_again(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sandbox.authority, "_VALID", datetime.timedelta(days=29))
        before = issued(authority)
    assert issued(authority) != before


def test_a_server_with_other_names_gets_another_certificate(authority: Authority) -> None:
    before = issued(authority)
    assert issued(authority, (NAME, "files.homeport.test")) != before


def test_the_keys_are_for_their_owner_only(authority: Authority) -> None:
    issued(authority)
    keys = [authority.folder / "ca.key", authority.folder / "server.key"]
    assert [path.stat().st_mode & 0o077 for path in keys] == [0, 0]
