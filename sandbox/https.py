"""Asking a host name over HTTPS as a browser would, with the sandbox's DNS and roots."""

from __future__ import annotations

import base64
import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

from tools.tls_contexts import strict_context


@dataclass(frozen=True)
class Answer:
    """What a server said, and the certificate it showed."""

    status: int
    headers: dict[str, str]
    body: bytes
    issuer: str
    serial: str
    """Serial number of the certificate, in hexadecimal digits."""
    expires: str
    protocol: str


def get(
    hostname: str,
    address: str,
    root: Path,
    path: str = "/",
    timeout: float = 10,
    login: tuple[str, str] | None = None,
) -> Answer:
    """GET over TLS, the certificate verified for the host name against `root`. `login`: name and password.

    Raises `ssl.SSLError` where it does not verify, `OSError` where nobody answers.
    """
    headers = [f"Host: {hostname}", "Connection: close"]
    if login:
        headers.append(f"Authorization: Basic {base64.b64encode(':'.join(login).encode()).decode()}")
    with (
        socket.create_connection((address, 443), timeout=timeout) as connection,
        strict_context(root).wrap_socket(connection, server_hostname=hostname) as secured,
    ):
        secured.sendall("\r\n".join([f"GET {path} HTTP/1.1", *headers, "", ""]).encode())
        response = HTTPResponse(secured)
        response.begin()
        certificate = secured.getpeercert() or {}
        return Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=response.read(),
            issuer=_common_name(certificate.get("issuer", ())),
            serial=str(certificate.get("serialNumber")),
            expires=str(certificate.get("notAfter")),
            protocol=str(secured.version()),
        )


def _common_name(name: object) -> str:
    pairs = dict(pair for part in name for pair in part) if isinstance(name, tuple) else {}
    return str(pairs.get("commonName", ""))
