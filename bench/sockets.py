"""How many WebSockets a machine holds open at the same time."""

from __future__ import annotations

import asyncio
import json
import resource
import ssl
from collections.abc import Callable, Iterator

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.figure import Figure
from bench.inside import MIB, Inside
from bench.session import session
from sandbox.box import Box
from sandbox.engine import Engine
from tools.progress import step
from tools.tls_contexts import strict_context

MOST = 4000
"""How many are tried at most."""
BATCH = 50
"""How many are opened at once."""
HELD_SECONDS = 5.0
"""After the last was opened, before they are counted."""
_TIMEOUT = 20.0


def websocket_figures(box: Box, engine: Engine, inside: Inside, hostname: str) -> Iterator[Figure]:
    """WebSockets of one person's session, opened until no more are let in, and what nginx holds then."""
    # A hard limit that is lower ends it early; there is nothing else to do about it.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    client = session(box, engine)
    token = client.headers["Authorization"].removeprefix("Bearer ")
    client.close()
    crowd = Crowd(hostname, str(engine.outputs()["address"]), _roots(box), token)
    (nginx,) = inside.containers("homeport.role=nginx")
    with step("WebSockets, opened until no more are let in", expect="a minute"):
        held, memory = asyncio.run(crowd.count(lambda: inside.memory(nginx).in_use / MIB))
    yield Figure("WebSockets that a machine of 1 GiB holds", held, "WebSockets")
    yield Figure("memory of nginx with all of them", memory, "MiB")


def _roots(box: Box) -> ssl.SSLContext:
    return strict_context(box.acme_root)


class Crowd:
    """People who open a WebSocket each and stay. All are one person as far as the app knows."""

    def __init__(self, hostname: str, address: str, roots: ssl.SSLContext, token: str) -> None:
        self._hostname = hostname
        self._address = address
        self._roots = roots
        self._token = token
        self._open: list[ClientConnection] = []

    async def count(self, measure: Callable[[], float]) -> tuple[int, float]:
        """How many still answer a while after no more were let in, and what `measure` says then."""
        while len(self._open) < MOST:
            arrived = await asyncio.gather(*(self._arrive() for _ in range(BATCH)))
            self._open += [one for one in arrived if one]
            if None in arrived:
                break
        await asyncio.sleep(HELD_SECONDS)
        measured = await asyncio.to_thread(measure)
        answered = await asyncio.gather(*(_answers(one) for one in self._open))
        await asyncio.gather(*(one.close() for one in self._open), return_exceptions=True)
        return sum(answered), measured

    async def _arrive(self) -> ClientConnection | None:
        """A connection that the app has said hello to; None where it was not let in."""
        try:
            opened = await connect(
                f"wss://{self._hostname}/api/v4/websocket",
                host=self._address,
                ssl=self._roots,
                server_hostname=self._hostname,
                # What this process needs for each is not to be what is measured.
                compression=None,
                ping_interval=None,
                open_timeout=_TIMEOUT,
            )
            await opened.send(
                json.dumps({"seq": 1, "action": "authentication_challenge", "data": {"token": self._token}})
            )
            while "hello" not in str(await asyncio.wait_for(opened.recv(), _TIMEOUT)):
                pass
        except (OSError, WebSocketException):
            return None
        return opened


async def _answers(connection: ClientConnection) -> bool:
    try:
        await asyncio.wait_for(await connection.ping(), _TIMEOUT)
    except (OSError, WebSocketException):
        return False
    return True
