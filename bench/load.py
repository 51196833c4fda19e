"""A steady load of requests to an app, and what became of them."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

CONNECTIONS = 4
PAUSE = 0.02
"""Seconds between an answer and the next request of a connection."""
_TIMEOUT = 30.0


@dataclass(frozen=True)
class Target:
    """Where the requests go: an address, a host name, and the roots of its certificate, or None for HTTP."""

    address: str
    hostname: str
    path: str
    roots: ssl.SSLContext | None

    def connect(self) -> HTTPConnection:
        """A connection that is open, its certificate verified for the host name."""
        connection = HTTPConnection(self.address, 443 if self.roots else 80, timeout=_TIMEOUT)
        connection.connect()
        if self.roots:
            connection.sock = self.roots.wrap_socket(connection.sock, server_hostname=self.hostname)
        return connection


@dataclass
class Load:
    """Seconds that each request took; those that got no answer, or an error of the server's, also counted."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def slowest(self) -> float:
        """Seconds."""
        return max(self.seconds)


@contextlib.contextmanager
def load(target: Target) -> Iterator[Load]:
    """Requests in several connections as long as the block runs."""
    found, ended = Load(), threading.Event()
    threads = [threading.Thread(target=_ask, args=(target, found, ended)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def _ask(target: Target, found: Load, ended: threading.Event) -> None:
    connection: HTTPConnection | None = None
    while not ended.is_set():
        started = time.monotonic()
        try:
            connection = connection or target.connect()
            connection.request("GET", target.path, headers={"Host": target.hostname})
            answer = connection.getresponse()
            answer.read()
            failed = answer.status >= 400
            if answer.will_close:
                connection = None
        except (OSError, HTTPException):
            failed, connection = True, None
        found.seconds.append(time.monotonic() - started)
        found.failed += failed
        ended.wait(PAUSE)
