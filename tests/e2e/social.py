"""People who use Mastodon through the proxy, over HTTPS and with nothing but its public API."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from sandbox.browser import Resolving
from tests.e2e.deployed import Deployed
from tools.tls_contexts import strict_context

HOSTNAME = "social.homeport.test"
OWNER = "ada"
APP: dict[str, object] = {
    "kind": "mastodon",
    "hostname": HOSTNAME,
    "version": "4.6.0",
    "profile": "micro",
    "owner": {"username": OWNER, "email": "ada@homeport.test"},
}


@dataclass(frozen=True)
class Social:
    """A session of the owner."""

    client: httpx.Client
    token: str

    @classmethod
    def log_in(cls, deployed: Deployed) -> Social:
        """Log in with the password from the stack's outputs."""
        app = deployed.engine.outputs()["mastodon"]
        assert isinstance(app, dict)
        given = app["administrator"]
        return cls.enter(browser(deployed), str(given["email"]), str(given["password"]))

    @classmethod
    def enter(cls, client: httpx.Client, email: str, password: str) -> Social:
        """Log in as anybody."""
        login = {"grant_type": "password", "username": email, "password": password}
        answer = client.post("/oauth/token", data={**registered(client), **login})
        assert answer.status_code == 200, answer.text
        token = str(answer.json()["access_token"])
        client.headers["Authorization"] = f"Bearer {token}"
        return cls(client, token)

    def account(self) -> str:
        """Id of one's own account."""
        answer = self.client.get("/api/v1/accounts/verify_credentials")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def post(self, text: str, media: list[str] | None = None) -> str:
        """Write a status; its id."""
        answer = self.client.post("/api/v1/statuses", json={"status": text, "media_ids": media or []})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def upload(self, picture: bytes) -> str:
        """Send a picture; its id."""
        answer = self.client.post("/api/v2/media", files={"file": ("a.png", picture)})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def pictures(self, status: str) -> list[bytes]:
        """What browsers are shown of a status's pictures."""
        answer = self.client.get(f"/api/v1/statuses/{status}")
        assert answer.status_code == 200, answer.text
        found = [self.client.get(str(media["url"])) for media in answer.json()["media_attachments"]]
        assert [media.status_code for media in found] == [200] * len(found)
        return [media.content for media in found]

    def home(self) -> list[str]:
        """The texts of the home timeline."""
        answer = self.client.get("/api/v1/timelines/home")
        assert answer.status_code == 200, answer.text
        return [str(status["content"]) for status in answer.json()]

    def sees(self, text: str) -> bool:
        """Whether a text is in the home timeline within some seconds: sidekiq puts it there."""
        return within(15, lambda: any(text in content for content in self.home()))

    @contextmanager
    def events(self) -> Iterator[Iterator[str]]:
        """Lines of the server-sent events of the home timeline."""
        with self.client.stream("GET", "/api/v1/streaming/user", timeout=20) as answer:
            assert answer.status_code == 200
            yield answer.iter_lines()


def registered(client: httpx.Client) -> dict[str, str]:
    """The credentials of a program that was registered with the server just now."""
    redirect = "urn:ietf:wg:oauth:2.0:oob"
    scopes = "read write follow"
    request = {"client_name": "test", "redirect_uris": redirect, "scopes": scopes}
    answer = client.post("/api/v1/apps", data=request)
    assert answer.status_code == 200, answer.text
    given = answer.json()
    return {
        "client_id": str(given["client_id"]),
        "client_secret": str(given["client_secret"]),
        "redirect_uri": redirect,
        "scope": scopes,
    }


def browser(deployed: Deployed, hostname: str = HOSTNAME) -> httpx.Client:
    """A client that finds the name at the machine's address and trusts the sandbox's root only."""
    return httpx.Client(
        base_url=f"https://{hostname}",
        transport=Resolving(deployed.address, trust(deployed)),
        timeout=30,
    )


def trust(deployed: Deployed) -> ssl.SSLContext:
    """Trust in the sandbox's root only."""
    return strict_context(deployed.box.acme_root)


def connection(deployed: Deployed) -> socket.socket:
    """A TCP connection to the proxy, for a WebSocket."""
    opened = socket.create_connection((deployed.address, 443), timeout=10)
    opened.setblocking(False)
    return opened


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.3)
    return True


def payload(line: str) -> str:
    """The status in an event's data; empty for any other line."""
    if not line.startswith("data:"):
        return ""
    return str(json.loads(line.removeprefix("data:"))["content"])
