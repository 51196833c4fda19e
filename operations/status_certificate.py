"""The certificates that a machine shows, seen as a browser sees them, whatever the names resolve to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from components.edge.renewal import OVERDUE
from components.edge.settings import AcmeSettings
from operations.status_facts import Attention, CertificateFact
from operations.status_place import Place
from tools.tls_contexts import browser_context, unverified_context

_SECONDS = 10
_PORT = 443


@dataclass(frozen=True)
class Shown:
    """What a server showed for a name."""

    certificate: x509.Certificate
    problem: str | None
    """Why it was not trusted; None where it was."""


Show = Callable[[str], Shown]
"""Fetches a host name's certificate. Raises `OSError` where the server shows none."""


@dataclass(frozen=True)
class Trust:
    """Which root the certificates must chain to."""

    root: Path | None
    """A PEM file; None for those that this computer trusts."""
    known: bool
    """False: nobody said which root it is, so that an unknown issuer is no mistake."""

    @classmethod
    def of(cls, certificate: AcmeSettings, root: Path | None, project: Path) -> Trust:
        """By the settings: `production` has a public root; another authority's may be `root`, given by hand.

        `caBundle` signed the authority's own server, and for many authorities the certificates as well.
        """
        if root or certificate.trusted:
            return cls(root, known=True)
        bundle = project / certificate.ca_bundle if certificate.ca_bundle else None
        return cls(bundle if bundle and bundle.is_file() else None, known=False)


def shown_by(address: str, trust: Trust) -> Show:
    """Asks the server at an address. Raises `OSError` at once where the root's file cannot be read."""
    verifying, lenient = browser_context(trust.root), unverified_context()

    def show(hostname: str) -> Shown:
        try:
            return Shown(_fetched(address, hostname, verifying), None)
        except ssl.SSLCertVerificationError as error:
            return Shown(_fetched(address, hostname, lenient), error.verify_message)

    return show


def _fetched(address: str, hostname: str, context: ssl.SSLContext) -> x509.Certificate:
    with (
        socket.create_connection((address, _PORT), timeout=_SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=hostname) as secured,
    ):
        der = secured.getpeercert(binary_form=True)
    if der is None:
        raise ConnectionError("the server showed no certificate")
    return x509.load_der_x509_certificate(der)


def certificate_fact(hostname: str, show: Show, trust: Trust, place: Place, now: datetime) -> CertificateFact:
    """One host name's certificate, judged."""
    log = place.command(f"docker logs --tail 50 {place.container('acme-companion')}")
    try:
        shown = show(hostname)
    except OSError as error:
        refused = isinstance(error, ssl.SSLError)
        problem = Attention(
            what=f"{hostname}: the machine shows no certificate ({_said(error)})",
            do=f"see why none was issued, {log}" if refused else "see that the machine and its nginx run",
        )
        return CertificateFact(hostname=hostname, attention=(problem,))
    certificate = shown.certificate
    expires = certificate.not_valid_after_utc
    left = expires - now.astimezone(UTC)
    days = left.days
    attention = []
    if left < (expires - certificate.not_valid_before_utc) * OVERDUE:
        attention.append(
            Attention(
                what=f"{hostname}: its certificate has {_span(left)} left" if days >= 0 else _over(hostname),
                do=f"see why it is not renewed, {log}",
            )
        )
    if not _covers(certificate, hostname):
        attention.append(
            Attention(what=f"{hostname}: the certificate is for another name", do=f"see why, {log}")
        )
    elif shown.problem and trust.known and days >= 0:
        attention.append(
            Attention(
                what=f"{hostname}: browsers do not trust the certificate ({shown.problem})",
                do="where it is of the staging authority: set server: production and run pulumi up",
            )
        )
    return CertificateFact(
        hostname=hostname,
        expires=expires,
        days=days,
        issuer=_issuer(certificate),
        trusted=True if shown.problem is None else (False if trust.known else None),
        attention=tuple(attention),
    )


def _span(left: timedelta) -> str:
    return f"{left.days} days" if left.days > 1 else f"{left.days * 24 + left.seconds // 3600} hours"


def _over(hostname: str) -> str:
    return f"{hostname}: its certificate is over"


def _covers(certificate: x509.Certificate, hostname: str) -> bool:
    try:
        names = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        return False
    return hostname in names or f"*.{hostname.partition('.')[2]}" in names


def _issuer(certificate: x509.Certificate) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = certificate.issuer.get_attributes_for_oid(oid)
        if found:
            return str(found[0].value)
    return certificate.issuer.rfc4514_string()


def _said(error: OSError) -> str:
    return error.strerror or str(error)
