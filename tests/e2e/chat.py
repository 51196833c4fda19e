"""A person who uses the app through the proxy, over HTTPS and with nothing but its public API."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from sandbox.browser import Resolving
from tests.e2e.deployed import HOSTNAME, Deployed
from tools.tls_contexts import strict_context


@dataclass(frozen=True)
class Chat:
    """A session of the administrator."""

    client: httpx.Client
    token: str

    @classmethod
    def log_in(cls, deployed: Deployed) -> Chat:
        """Log in with the password from the stack's outputs."""
        client = browser(deployed)
        answer = client.post("/api/v4/users/login", json={"login_id": "admin", "password": deployed.password})
        assert answer.status_code == 200, answer.text
        token = answer.headers["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return cls(client, token)

    def post(self, message: str, files: list[str] | None = None) -> str:
        """Write a message; its id."""
        answer = self.client.post(
            "/api/v4/posts", json={"channel_id": "town-square", "message": message, "file_ids": files or []}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def messages(self) -> list[str]:
        """Every message of the channel."""
        posts = self.client.get("/api/v4/channels/town-square/posts").json()["posts"]
        return [post["message"] for post in posts.values()]

    def upload(self, content: bytes) -> httpx.Response:
        """Send a file."""
        return self.client.post(
            "/api/v4/files", params={"channel_id": "town-square", "filename": "f.bin"}, content=content
        )

    def download(self, file: str) -> bytes:
        """A file that was sent."""
        answer = self.client.get(f"/api/v4/files/{file}")
        assert answer.status_code == 200, answer.text
        return answer.content


def browser(deployed: Deployed, *, http2: bool = False) -> httpx.Client:
    """A client that finds the host name at the machine's address and trusts the sandbox's root only."""
    context = strict_context(deployed.box.acme_root)
    return httpx.Client(
        base_url=f"https://{HOSTNAME}",
        transport=Resolving(deployed.address, context, http2=http2),
        timeout=30,
    )
