"""Logs that leave the machine, to a listener that says as much in Fluentd's protocol as it must: nothing."""

from __future__ import annotations

import ipaddress
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.e2e.deployed import Deployed, changed
from tests.engine.killed_update import wait_until

SERVICES = ("edge.nginx", "edge.docker-gen", "mattermost.postgres", "mattermost.mattermost")
"""Those that say something in any case; acme-companion's stand-in is silent while certificates are good."""


class Listener(socketserver.ThreadingTCPServer):
    """Keeps all that it is sent. A message is MessagePack, which has texts as they are."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: str) -> None:
        super().__init__((address, 0), _Connection)
        self.received = bytearray()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Listener)
        while sent := self.request.recv(65536):
            self.server.received += sent


@pytest.fixture(scope="module")
def listener(deployed: Deployed) -> Iterator[Listener]:
    """The stack's logs come here."""
    gateway = str(ipaddress.ip_network(deployed.description.subnet)[1])
    with Listener(gateway) as listener:
        deployed.up(_to(listener))
        yield listener


def _to(listener: Listener) -> dict[str, object]:
    host = str(listener.server_address[0])
    return {"homeport:logs": {"kind": "fluentd", "address": f"{host}:{listener.port}"}}


def _arrives(listener: Listener, text: str) -> bool:
    for _ in range(100):
        if text.encode() in listener.received:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("service", SERVICES)
def test_the_lines_of_every_service_arrive_with_its_tag(
    deployed: Deployed, listener: Listener, service: str
) -> None:
    assert deployed.https("/api/v4/system/ping").status == 200
    assert _arrives(listener, f"homeport.sandbox.{service}")


def test_what_nginx_says_of_a_request_arrives(deployed: Deployed, listener: Listener) -> None:
    deployed.https("/found-in-the-log")
    assert _arrives(listener, "GET /found-in-the-log")


def test_the_machine_still_shows_them(deployed: Deployed, listener: Listener) -> None:
    deployed.https("/shown-on-the-machine")
    assert "/shown-on-the-machine" in deployed.docker("logs", deployed.container("nginx"))


def test_an_update_without_changes_does_nothing(deployed: Deployed, listener: Listener) -> None:
    assert changed(deployed.up(_to(listener))) == {}


def test_while_nobody_listens_containers_start_and_serve(deployed: Deployed, listener: Listener) -> None:
    listener.shutdown()
    listener.server_close()
    begun = time.monotonic()
    deployed.docker("restart", deployed.container("mattermost"))
    assert time.monotonic() - begun < 30
    wait_until(deployed.serves)
