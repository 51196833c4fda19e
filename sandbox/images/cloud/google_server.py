"""A Google API at port 443 of an address, behind a certificate that the sandbox's root signed."""

from __future__ import annotations

import os
import socket
import ssl
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Shakes hands in the connection's own thread, so that a slow client keeps no other waiting."""

    daemon_threads = True

    def __init__(self, address: str, context: ssl.SSLContext, handler: type[BaseHTTPRequestHandler]) -> None:
        self._context = context
        super().__init__((address, 443), handler)

    def get_request(self) -> tuple[socket.socket, object]:
        connection, client = super().get_request()
        wrapped = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return wrapped, client

    def handle_error(self, request: object, client_address: object) -> None:
        problem = sys.exception()
        if not isinstance(problem, OSError):
            traceback.print_exc()


def serve(handler: type[BaseHTTPRequestHandler]) -> None:
    """Serve until the process ends, as the environment says: CERTIFICATE, KEY, LISTEN."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.environ["CERTIFICATE"], os.environ["KEY"])
    Server(os.environ["LISTEN"], context, handler).serve_forever()
