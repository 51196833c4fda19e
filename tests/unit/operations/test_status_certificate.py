"""Certificates as they are shown, judged; and asked for from a real server."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509

from components.edge.settings import AcmeSettings
from operations.status_certificate import Trust, certificate_fact
from operations.status_facts import CertificateFact
from tests.unit.operations.looked_at import HOSTNAME, NOW, PLACE, certificate, showing

PUBLIC = Trust(None, known=True)
UNKNOWN = Trust(None, known=False)


def fact(
    shown: x509.Certificate | OSError, problem: str | None = None, trust: Trust = PUBLIC
) -> CertificateFact:
    return certificate_fact(HOSTNAME, showing(shown, problem)("", trust), trust, PLACE, NOW)


def said(shown: x509.Certificate | OSError, problem: str | None = None, trust: Trust = PUBLIC) -> list[str]:
    return [attention.what for attention in fact(shown, problem, trust).attention]


def test_a_certificate_that_lasts_is_well() -> None:
    found = fact(certificate())
    assert (found.days, found.issuer, found.trusted, found.attention) == (62, "R11", True, ())


@pytest.mark.parametrize(
    ("lifetime", "well", "left"), [(90, 15, "14 days"), (45, 8, "7 days"), (6, 1, "1 hours")]
)
def test_a_certificate_needs_attention_with_less_than_a_sixth_of_its_lifetime(
    lifetime: int, well: int, left: str
) -> None:
    late = well - 1
    assert said(certificate(days=well, lifetime=lifetime)) == []
    assert said(certificate(days=late, lifetime=lifetime)) == [f"{HOSTNAME}: its certificate has {left} left"]


def test_a_certificate_that_is_over_is_told_once() -> None:
    assert said(certificate(days=-2), "certificate has expired") == [f"{HOSTNAME}: its certificate is over"]


def test_a_certificate_for_another_name_needs_attention() -> None:
    assert said(certificate(["other.example.com"]), "hostname mismatch") == [
        f"{HOSTNAME}: the certificate is for another name"
    ]


def test_a_wildcard_covers_the_name() -> None:
    assert said(certificate(["*.example.com"])) == []


def test_an_untrusted_certificate_needs_attention_where_the_root_is_known() -> None:
    found = fact(certificate(), "self-signed certificate")
    assert found.trusted is False
    assert found.attention[0].what == (
        f"{HOSTNAME}: browsers do not trust the certificate (self-signed certificate)"
    )


def test_the_root_of_a_staging_authority_is_not_expected_to_be_known() -> None:
    found = fact(certificate(), "unable to get local issuer certificate", UNKNOWN)
    assert (found.trusted, found.attention) == (None, ())


def test_a_server_that_shows_none_needs_attention() -> None:
    assert said(ConnectionRefusedError(111, "Connection refused")) == [
        f"{HOSTNAME}: the machine shows no certificate (Connection refused)"
    ]


OWN = "https://ca.example.com/dir"


@pytest.mark.parametrize(
    ("server", "bundle", "given", "trusted", "known"),
    [
        ("production", None, None, None, True),
        ("staging", None, None, None, False),
        ("staging", None, "root.pem", "root.pem", True),
        (OWN, "ca.pem", None, "ca.pem", False),
        (OWN, "ca.pem", "root.pem", "root.pem", True),
        (OWN, "lost.pem", None, None, False),
    ],
)
def test_the_root_follows_from_the_settings_and_what_is_given(
    tmp_path: Path, server: str, bundle: str | None, given: str | None, trusted: str | None, known: bool
) -> None:
    (tmp_path / "ca.pem").touch()
    settings = AcmeSettings(email="a@example.com", server=server, ca_bundle=bundle)
    expected = Trust(tmp_path / trusted if trusted else None, known=known)
    assert Trust.of(settings, tmp_path / given if given else None, tmp_path) == expected


def test_a_refusal_by_tls_is_no_missing_server() -> None:
    refused = fact(ssl.SSLError(1, "unrecognized name")).attention[0]
    down = fact(TimeoutError("timed out")).attention[0]
    assert "acme-companion" in refused.do
    assert down.do == "see that the machine and its nginx run"
