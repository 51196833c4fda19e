"""A relay in this process: STARTTLS or TLS, a log-in, and the mails it took."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "apikey", "right"


@dataclass
class Relay:
    """What it does, and what it took."""

    certificate: Path
    tls: bool = False
    """TLS from the first byte, without STARTTLS."""
    starttls: bool = True
    refused: str = ""
    """A command that is answered with an error, such as `RCPT`."""
    mails: list[str] = field(default_factory=list)
    port: int = 0


class _Conversation(socketserver.StreamRequestHandler):
    timeout = 5
    relay: Relay

    def handle(self) -> None:
        if self.relay.tls:
            self._encrypt()
        self._say("220 relay.test")
        while line := self.rfile.readline().decode().strip():
            if not self._answer(line):
                return

    def _answer(self, line: str) -> bool:
        command = line.split(":", maxsplit=1)[0].split(maxsplit=1)[0].upper()
        if command == self.relay.refused:
            self._say("550 not you")
        elif command == "EHLO":
            self._say("250-relay.test", *(["250-STARTTLS"] if self.relay.starttls else []), "250 AUTH PLAIN")
        elif command == "STARTTLS":
            self._say("220 go on")
            self._encrypt()
        elif command == "AUTH":
            given = base64.b64decode(line.rsplit(maxsplit=1)[-1]).decode().split("\0")[1:]
            self._say("235 welcome" if given == [USER, PASSWORD] else "535 wrong password")
        elif command == "DATA":
            self._say("354 go on")
            lines = iter(self.rfile.readline, b".\r\n")
            self.relay.mails.append(b"".join(lines).decode())
            self._say("250 taken")
        elif command == "QUIT":
            self._say("221 bye")
            return False
        else:
            self._say("250 ok")
        return True

    def _encrypt(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.relay.certificate)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")

    def _say(self, *lines: str) -> None:
        self.connection.sendall("".join(f"{line}\r\n" for line in lines).encode())


class _Quiet(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is what some tests are about."""


@contextmanager
def serving(relay: Relay) -> Iterator[Relay]:
    """The relay, on a free port of this computer."""
    handler = type("Conversation", (_Conversation,), {"relay": relay})
    with _Quiet(("127.0.0.1", 0), handler) as server:
        relay.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield relay
        server.shutdown()


def certificate(folder: Path, name: str = "localhost") -> Path:
    """A file with a key and a certificate that it signed itself, for a name of this computer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "relay.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file
