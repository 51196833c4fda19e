"""A steady load of requests, and a listener that stays connected, while something happens to an app."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import websockets

from tests.e2e.chat import Chat, browser
from tests.e2e.deployed import HOSTNAME, Deployed
from tools.tls_contexts import strict_context

PAUSE = 0.1
"""Seconds between an answer and the next request of a connection. With less, those who ask take more of the
processor than the update that they watch."""


@dataclass(frozen=True)
class Response:
    """What became of one request."""

    method: str
    at: float
    """Seconds since the load began."""
    seconds: float
    status: int | str
    """The status, or the error where there was none."""

    @property
    def failed(self) -> bool:
        """Whether a user would have noticed."""
        return not isinstance(self.status, int) or self.status >= 400


@dataclass
class Load:
    """Every response there was, of all connections."""

    responses: list[Response] = field(default_factory=list)

    @property
    def failed(self) -> list[Response]:
        """Those that a user would have noticed."""
        return [response for response in self.responses if response.failed]

    @property
    def slowest(self) -> Response:
        """The one that took longest."""
        return max(self.responses, key=lambda response: response.seconds)

    def __str__(self) -> str:
        slowest = self.slowest
        return (
            f"{len(self.responses)} requests, {len(self.failed)} failed,"
            f" the slowest {slowest.seconds:.3f} s ({slowest.method} at {slowest.at:.1f} s)"
        )


Request = Callable[[httpx.Client, int], httpx.Response]
"""Makes the request of that number."""


@contextlib.contextmanager
def load(client: Callable[[], httpx.Client], requests: list[Request]) -> Iterator[Load]:
    """Each of the requests again and again, in a connection of its own, as long as the block runs."""
    found, ended, began = Load(), threading.Event(), time.monotonic()

    def ask(request: Request) -> None:
        with client() as connection:
            number = 0
            while not ended.is_set():
                number += 1
                started = time.monotonic()
                method = "?"
                try:
                    answer = request(connection, number)
                    method, status = answer.request.method, answer.status_code
                except httpx.HTTPError as problem:
                    found.responses.append(
                        Response(method, started - began, time.monotonic() - started, repr(problem))
                    )
                else:
                    found.responses.append(
                        Response(method, started - began, time.monotonic() - started, status)
                    )
                ended.wait(PAUSE)

    threads = [threading.Thread(target=ask, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def chat_load(deployed: Deployed, chat: Chat) -> contextlib.AbstractContextManager[Load]:
    """People who read and write, two of each."""

    def person() -> httpx.Client:
        client = browser(deployed)
        client.headers["Authorization"] = f"Bearer {chat.token}"
        return client

    def read(client: httpx.Client, number: int) -> httpx.Response:
        return client.get("/api/v4/channels/town-square/posts", params={"per_page": 1})

    def ping(client: httpx.Client, number: int) -> httpx.Response:
        return client.get("/api/v4/system/ping")

    def write(client: httpx.Client, number: int) -> httpx.Response:
        return client.post("/api/v4/posts", json={"channel_id": "town-square", "message": f"load {number}"})

    return load(person, [read, ping, write, write])


@dataclass
class Listener:
    """A person whose client has a WebSocket open, and connects again where it is closed."""

    heard: list[str] = field(default_factory=list)
    """Everything that came, as text."""
    connections: int = 0
    """How many times it has connected and was let in."""

    def wait_for(self, text: str, seconds: float = 10) -> bool:
        """Whether an event with that text comes in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if any(text in event for event in self.heard):
                return True
            time.sleep(0.05)
        return False


@contextlib.contextmanager
def listening(deployed: Deployed, url: str, greeting: str = "") -> Iterator[Listener]:
    """A client of that WebSocket that was let in when the block starts. `greeting`: what it says."""
    found, ended = Listener(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_listen(deployed, url, greeting, found, ended)))
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not found.connections:
            assert time.monotonic() < deadline, f"the WebSocket was not let in: {found.heard}"
            time.sleep(0.05)
        yield found
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def listener(deployed: Deployed, chat: Chat) -> Iterator[Listener]:
    """A person of Mattermost who is connected at the start of the block."""
    challenge = {"seq": 1, "action": "authentication_challenge", "data": {"token": chat.token}}
    with listening(deployed, f"wss://{HOSTNAME}/api/v4/websocket", json.dumps(challenge)) as found:
        assert found.wait_for("hello"), "the WebSocket was not let in"
        yield found


async def _listen(
    deployed: Deployed, url: str, greeting: str, found: Listener, ended: threading.Event
) -> None:
    context = strict_context(deployed.box.acme_root)
    hostname, address = urlsplit(url).hostname, deployed.address
    while not ended.is_set():
        try:
            connection = socket.create_connection((address, 443), timeout=10)
            connection.setblocking(False)
            async with websockets.connect(
                url, sock=connection, ssl=context, server_hostname=hostname
            ) as events:
                if greeting:
                    await events.send(greeting)
                found.connections += 1
                while not ended.is_set():
                    with contextlib.suppress(TimeoutError):
                        found.heard.append(str(await asyncio.wait_for(events.recv(), 0.2)))
        except (OSError, websockets.WebSocketException) as problem:
            found.heard.append(f"closed: {problem!r}")
            await asyncio.sleep(0.1)
