"""The certificate authority that everything in a sandbox trusts, as the world trusts its public ones.

What it issues passes a strict check of RFC 5280, which Python does by default since version 3.13.
"""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID = datetime.timedelta(days=365)
_LEFT = datetime.timedelta(days=30)
"""With less left, a certificate is made anew the next time that somebody asks."""


@dataclass(frozen=True)
class Authority:
    """A root certificate and its key, in PEM files of one folder."""

    folder: Path

    @property
    def certificate(self) -> Path:
        """The root certificate."""
        return self.folder / "ca.pem"

    @property
    def identifier(self) -> str:
        """The root's key identifier, in hexadecimal; every certificate that it signed names it."""
        return _own_key(_read(self.certificate)).hex()

    def create(self) -> None:
        """Make the root, unless there is a good one: one that lasts, and that has a key identifier.

        Roots of older versions had none, and Python 3.13 and newer trust nothing that such a root signed.
        """
        if self.certificate.exists():
            present = _read(self.certificate)
            if _lasts(present) and _own_key(present):
                return
        self.folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Homeport sandbox root")])
        root = (
            _builder(name, name, key.public_key(), key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(authority=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        _write_key(self.folder / "ca.key", key)
        _write(self.certificate, root)

    def issue(self, path: Path, names: list[str]) -> None:
        """A server certificate for these names, `<path>.crt` and `<path>.key`, unless there is a good one.

        A name may be an IP address. A good one lasts, is for these names, and was signed by the present root.
        """
        issuer = _read(self.certificate)
        file = path.with_suffix(".crt")
        if file.exists() and _serves(_read(file), issuer, names):
            return
        issuer_key = serialization.load_pem_private_key((self.folder / "ca.key").read_bytes(), password=None)
        if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
            raise TypeError("the sandbox's root has an elliptic curve key")
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = (
            _builder(subject, issuer.subject, key.public_key(), issuer_key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
            )
            .sign(issuer_key, hashes.SHA256())
        )
        # The old certificate goes first: what is left of an interruption is issued again.
        file.unlink(missing_ok=True)
        _write_key(path.with_suffix(".key"), key)
        _write(file, certificate)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    """A root signs certificates and lists of revoked ones; a server signs its part of the handshake."""
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _write(path: Path, certificate: x509.Certificate) -> None:
    """Write it whole or not at all."""
    part = path.with_suffix(".part")
    part.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    part.rename(path)


def _lasts(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc > datetime.datetime.now(datetime.UTC) + _LEFT


def _own_key(certificate: x509.Certificate) -> bytes:
    """The identifier of its own key; nothing where it has none."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return b""


def _serves(certificate: x509.Certificate, issuer: x509.Certificate, names: list[str]) -> bool:
    try:
        signer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    is_ours = signer.key_identifier == _own_key(issuer)
    return is_ours and list(alternative) == [_alternative(name) for name in names] and _lasts(certificate)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
