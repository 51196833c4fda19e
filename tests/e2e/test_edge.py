"""What the internet sees."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time

import httpx
import pytest
import websockets

from sandbox.https import get
from tests.e2e.chat import Chat, browser
from tests.e2e.deployed import HOSTNAME, Deployed, connects
from tools.tls_contexts import strict_context

MIB = 1024 * 1024


def test_https_answers_with_a_certificate_that_chains_to_the_authority(deployed: Deployed) -> None:
    answer = deployed.https("/api/v4/system/ping")
    assert answer.status == 200
    assert "Pebble" in answer.issuer


def test_the_certificate_does_not_verify_against_another_root(deployed: Deployed) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        get(HOSTNAME, deployed.address, deployed.box.authority.certificate)


def test_http_redirects_to_https(deployed: Deployed) -> None:
    answer = httpx.get(f"http://{deployed.address}/somewhere?x=1", headers={"Host": HOSTNAME})
    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{HOSTNAME}/somewhere?x=1")


def test_browsers_are_told_to_insist_on_https(deployed: Deployed) -> None:
    assert deployed.https().headers["strict-transport-security"] == "max-age=31536000"


def test_http_2_is_spoken(deployed: Deployed) -> None:
    with browser(deployed, http2=True) as client:
        assert client.get("/").http_version == "HTTP/2"


def test_an_unknown_host_name_is_not_served(deployed: Deployed) -> None:
    answer = httpx.get(f"http://{deployed.address}/", headers={"Host": "other.homeport.test"})
    assert answer.status_code == 503


def test_a_websocket_carries_a_post_through_the_proxy(deployed: Deployed, chat: Chat) -> None:
    async def listen() -> str:
        context = strict_context(deployed.box.acme_root)
        connection = socket.create_connection((deployed.address, 443), timeout=10)
        connection.setblocking(False)
        url = f"wss://{HOSTNAME}/api/v4/websocket"
        async with websockets.connect(url, sock=connection, ssl=context, server_hostname=HOSTNAME) as events:
            challenge = {"seq": 1, "action": "authentication_challenge", "data": {"token": chat.token}}
            await events.send(json.dumps(challenge))
            while "hello" not in str(await events.recv()):
                pass
            await asyncio.to_thread(chat.post, "over the socket")
            while "posted" not in (event := str(await events.recv())):
                pass
            return event

    assert "over the socket" in asyncio.run(asyncio.wait_for(listen(), 20))


def test_a_forged_forwarding_header_does_not_reach_the_app(deployed: Deployed) -> None:
    configuration = deployed.docker("exec", deployed.container("nginx"), "nginx", "-T")
    assert "default $scheme" in configuration


def test_a_file_just_under_the_limit_arrives_whole(chat: Chat) -> None:
    content = bytes(100 * MIB - 1)
    answer = chat.upload(content)
    assert answer.status_code == 201
    assert chat.download(answer.json()["file_infos"][0]["id"]) == content


def test_a_file_just_over_the_limit_is_refused(chat: Chat) -> None:
    assert chat.upload(bytes(100 * MIB + 1)).status_code == 413


@pytest.mark.parametrize("role", ["docker-gen", "nginx"])
def test_what_dies_after_a_reload_comes_back_and_a_new_container_is_served(
    deployed: Deployed, role: str
) -> None:
    container = deployed.container(role)
    deployed.docker("kill", "--signal", "HUP", container)
    before = deployed.docker("inspect", "--format", "{{.State.Pid}}", container)
    assert deployed.on_machine("kill", "-KILL", before).status == 0

    image = deployed.inspect(deployed.container("nginx"))[0]["Image"]
    front = deployed.docker("network", "ls", "--quiet", "--filter", "name=^front-")
    new = deployed.docker(
        *("run", "--detach", "--rm", "--network", front, "--env", "VIRTUAL_HOST=new.homeport.test"),
        str(image),
    )
    try:
        deadline = time.monotonic() + 30
        while _status(deployed, "new.homeport.test") != 200:
            assert time.monotonic() < deadline, f"the new container is not served without {role}"
            time.sleep(0.2)
        assert deployed.docker("inspect", "--format", "{{.State.Pid}}", deployed.container(role)) != before
    finally:
        deployed.docker("stop", "--time", "1", new)


def _status(deployed: Deployed, hostname: str) -> int:
    """What the edge says to a request over HTTP; 0 where it says nothing."""
    try:
        return httpx.get(f"http://{deployed.address}/", headers={"Host": hostname}).status_code
    except httpx.TransportError:
        return 0


@pytest.mark.parametrize("port", [2375, 2376, 4000, 5432, 8065, 8067])
def test_ports_that_no_rule_opens_are_closed(deployed: Deployed, port: int) -> None:
    assert not connects(deployed.address, port)


def test_a_port_is_open_only_where_a_rule_opens_it(deployed: Deployed) -> None:
    image = deployed.inspect(deployed.container("nginx"))[0]["Image"]
    listener = deployed.docker(
        *("run", "--detach", "--rm", "--publish", "9090:80", "--publish", "9091:80", str(image))
    )
    try:
        assert deployed.on_machine("curl", "-so", "/dev/null", "http://127.0.0.1:9091/").status == 0
        assert connects(deployed.address, 9090)
        assert not connects(deployed.address, 9091)
    finally:
        deployed.docker("stop", "--time", "1", listener)
