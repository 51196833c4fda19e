"""How much nginx takes at the same time, by the memory that it may use."""

from __future__ import annotations

from dataclasses import dataclass

_BASE = 16
"""MiB of nginx without a client."""
_EACH = 72
"""KiB of a WebSocket over TLS with both of its connections: 67 measured (docs/benchmarks.md), and what each
worker keeps ready for it."""
_SPARE = 512
"""Connections beside those of requests: idle clients, and listening sockets."""


@dataclass(frozen=True)
class Connections:
    """Limits of nginx. What is beyond them gets status 503, and what is there is left alone."""

    memory: int
    """MiB that it may use."""

    @property
    def requests(self) -> int:
        """Requests, WebSockets among them, of all host names together."""
        return (self.memory - _BASE) * 1024 // _EACH

    @property
    def requests_of_a_name(self) -> int:
        """How many requests at once one host name gets: a crowd at one leaves a quarter to the others."""
        return self.requests * 3 // 4

    @property
    def worker(self) -> int:
        """Connections of one worker, which may have to take all requests alone: each has two of them."""
        return 2 * self.requests + _SPARE

    @property
    def files(self) -> int:
        """Open files of one worker: a connection may keep its request or answer in one."""
        return 2 * self.worker

    @property
    def directives(self) -> str:
        """What nginx is told, for its `http` block. A state of a zone takes at most 128 bytes."""
        return (
            'limit_conn_zone "all" zone=homeport_all:64k;\n'
            "limit_conn_zone $server_name zone=homeport_name:1m;\n"
            f"limit_conn homeport_all {self.requests};\n"
            f"limit_conn homeport_name {self.requests_of_a_name};\n"
            "limit_conn_log_level warn;\n"
        )
