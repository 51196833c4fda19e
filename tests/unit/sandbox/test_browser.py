"""A client that finds a machine by its address and everything else by its name."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from sandbox.authority import Authority
from sandbox.browser import Resolving
from tools.tls_contexts import server_context, strict_context

HOST = "read.example.test"


class _Pages(BaseHTTPRequestHandler):
    """Tells what the client said; `/in` gives a cookie and leads to `/`."""

    def do_GET(self) -> None:
        said = f"{self.headers['Host'].partition(':')[0]} {self.headers.get('Cookie', 'none')}".encode()
        leads = self.path == "/in"
        self.send_response(302 if leads else 200)
        if leads:
            self.send_header("Set-Cookie", "session=1; Secure; Path=/")
            self.send_header("Location", "/")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Not into the tests' output."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server whose certificate is for a name that nobody resolves."""
    folder: Path = tmp_path_factory.mktemp("browser")
    authority = Authority(folder)
    authority.create()
    authority.issue(folder / "server", [HOST])
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        context = server_context(folder / "server.crt", folder / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        transport = Resolving("127.0.0.1", strict_context(authority.certificate))
        url = f"https://{HOST}:{server.server_address[1]}"
        with httpx.Client(base_url=url, transport=transport, follow_redirects=True) as client:
            yield client
        server.shutdown()


def test_the_server_is_asked_by_its_name(client: httpx.Client) -> None:
    assert client.get("/").text.startswith(f"{HOST} ")


def test_cookies_and_redirects_go_by_the_name(client: httpx.Client) -> None:
    answer = client.get("/in")
    assert (answer.url.host, answer.text) == (HOST, f"{HOST} session=1")
