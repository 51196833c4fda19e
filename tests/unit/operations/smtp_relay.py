"""A relay in this process: STARTTLS or TLS, a log-in, and the mails it took."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.authority import Authority
from tools.tls_contexts import server_context

HOST = "localhost"
USER, PASSWORD = "apikey", "right"


@dataclass
class Relay:
    """What it does, and what it took."""

    authority: Authority
    """Signs its certificate."""
    tls: bool = False
    """TLS from the first byte, without STARTTLS."""
    starttls: bool = True
    refused: str = ""
    """A command that is answered with an error, such as `RCPT`."""
    mails: list[str] = field(default_factory=list)
    port: int = 0
    host: str = HOST
    """The name that its certificate is for."""


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
        path = self.relay.authority.folder / "relay"
        self.relay.authority.issue(path, [self.relay.host])
        context = server_context(path.with_suffix(".crt"), path.with_suffix(".key"))
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
