"""Every TLS context of the project, so that what is checked of a certificate is the same on every Python.

`ssl.create_default_context()` is not: since Python 3.13 it also sets VERIFY_X509_STRICT, which refuses what
RFC 5280 forbids and browsers overlook, and VERIFY_X509_PARTIAL_CHAIN, which trusts an intermediate
certificate that it was given (docs.python.org/3/library/ssl.html#ssl.create_default_context).
"""

from __future__ import annotations

import ssl
from pathlib import Path


def strict_context(root: Path | None = None) -> ssl.SSLContext:
    """For certificates of our own: the sandbox's, and those that a test makes.

    `root` is a PEM file with the certificates that are trusted; None for those that the computer trusts.
    Raises `OSError` where it cannot be read.
    """
    context = browser_context(root)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def browser_context(root: Path | None = None) -> ssl.SSLContext:
    """For certificates of others, judged as browsers and the apps judge them: chain, host name and time.

    A company's own authority often lacks what strict checks ask for, a key usage above all; browsers, Go and
    Ruby accept it, and to say that they do not would be wrong. `root` is that of `strict_context`.
    """
    context = ssl.create_default_context(cafile=str(root) if root else None)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def unverified_context() -> ssl.SSLContext:
    """Accepts any certificate: to look at it, or where it is not what is asked about."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def server_context(certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """A server's. `certificate` and `key` are PEM files; the key may be in the certificate's."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context
