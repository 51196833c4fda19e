"""A small registry on the loopback address that lists tags as Docker Hub and ghcr.io do."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass
class TagRegistry:
    """Answers while it is entered. What it was asked is in `asked`."""

    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Repository -> its tags."""
    page: int = 1000
    """Tags in an answer at most."""
    tokens: bool = False
    """Whether it hands out tokens and demands them, each good for `uses` answers."""
    uses: int = 1000
    challenge: str = ""
    """What it says to who has no token; empty: where to get one."""
    refused: bool = False
    """Whether no token is good enough: the image is not public."""
    status: int = 0
    """What it answers whatever it is asked, with `headers` and `body`; 0: what was asked for."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    delay: float = 0
    """Seconds before each answer."""
    endless: bool = False
    """Whether each page names itself as the next one."""
    tls: ssl.SSLContext | None = None
    """None: plain HTTP."""
    asked: list[str] = field(default_factory=list)
    handed_out: dict[str, int] = field(default_factory=dict)
    """Token -> how often it may still be used."""

    def __enter__(self) -> Self:
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry.asked.append(self.path)
                time.sleep(registry.delay)
                status, headers, body = registry.answer(self.path, self.headers.get("Authorization", ""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                # Who asked may have lost patience.
                with contextlib.suppress(BrokenPipeError):
                    self.wfile.write(body.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def address(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}"

    def answer(self, path: str, authorization: str) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and body."""
        if self.status:
            return self.status, self.headers, self.body
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/token":
            return self._token(query)
        name = url.path.removeprefix("/v2/").removesuffix("/tags/list")
        if self.tokens and not self._is_good(authorization, name):
            return 401, {"WWW-Authenticate": self.challenge or self._challenge(name)}, ""
        if name not in self.tags:
            return 404, {}, '{"errors": [{"code": "NAME_UNKNOWN"}]}'
        return self._list(name, query)

    def _challenge(self, name: str) -> str:
        return f'Bearer realm="{self.address}/token",service="registry",scope="repository:{name}:pull"'

    def _token(self, query: Mapping[str, str]) -> tuple[int, Mapping[str, str], str]:
        if query.get("service") != "registry":
            return 400, {}, ""
        token = f"{query['scope']}#{len(self.handed_out)}"
        self.handed_out[token] = self.uses
        return 200, {}, json.dumps({"token": token})

    def _is_good(self, authorization: str, name: str) -> bool:
        token = authorization.removeprefix("Bearer ")
        if self.refused or not token.startswith(f"repository:{name}:pull#") or not self.handed_out.get(token):
            return False
        self.handed_out[token] -= 1
        return True

    def _list(self, name: str, query: Mapping[str, str]) -> tuple[int, Mapping[str, str], str]:
        left = [tag for tag in sorted(self.tags[name]) if tag > query.get("last", "")]
        page = left[: min(self.page, int(query.get("n", self.page)))]
        headers = {}
        if len(page) < len(left) or self.endless:
            last = query.get("last", "") if self.endless else page[-1]
            following = urlencode({"last": last, "n": self.page})
            # ghcr.io says only the path, as the specification allows.
            headers["Link"] = f'</v2/{name}/tags/list?{following}>; rel="next"'
        return 200, headers, json.dumps({"name": name, "tags": page or None})
