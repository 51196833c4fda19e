"""One request to a Google API: its way in, and its answer or refusal."""

from __future__ import annotations

import json
import ssl
import sys
from abc import abstractmethod
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from google_access import Refused
from google_objects import LongKey
from request_body import BadBody

_HEADERS = {
    *("x-goog-api-client", "x-goog-gcs-idempotency-token", "x-goog-request-params", "x-goog-user-project")
}
_IDLE_SECONDS = 300
_JSON = "application/json; charset=UTF-8"


def unknown(what: str, service: str = "Storage") -> Refused:
    """The answer to what this stand-in does not do."""
    return Refused(501, "notImplemented", f"the sandbox's Google Cloud {service} does not know {what}")


class GoogleRequest(BaseHTTPRequestHandler):
    """One connection; a subclass says what is done."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    service = "Storage"

    def do_GET(self) -> None:
        self._do()

    def do_HEAD(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def do_PUT(self) -> None:
        self._do()

    def do_PATCH(self) -> None:
        self._do()

    def do_DELETE(self) -> None:
        self._do()

    @abstractmethod
    def route(self, path: str, query: dict[str, str]) -> None:
        """Do what is asked. Raise `Refused` for what cannot be."""

    def _do(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        try:
            for name in self.headers:
                if name.lower().startswith(("x-goog-", "if-")) and name.lower() not in _HEADERS:
                    raise unknown(f"the header {name}", self.service)
            self.route(url.path, query)
        except Refused as refused:
            self._refuse(refused, url.path)
        except (BadBody, LongKey, ValueError) as problem:
            self._refuse(Refused(400, "invalid", str(problem)), url.path)
        except (ConnectionError, ssl.SSLError, TimeoutError):
            self.close_connection = True

    def error(self, refused: Refused) -> dict[str, object]:
        """The body of a refusal."""
        return refused.body()

    def answer_json(self, content: object) -> None:
        """Success."""
        body = json.dumps(content).encode()
        self.begin(200, {"Content-Type": _JSON, "Content-Length": str(len(body))})
        self.wfile.write(body)

    def _refuse(self, refused: Refused, path: str) -> None:
        said = f"{self.command} {path}: {refused.status} {refused.message}"
        sys.stderr.write(f"google {self.service.lower()}: {said}\n")
        body = json.dumps(self.error(refused)).encode()
        headers = {"Content-Type": _JSON, "Content-Length": str(len(body))}
        if refused.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/"'
        # What the client still sends is not read, so the connection can carry nothing else.
        self.close_connection = self.close_connection or self.command in {"POST", "PUT", "PATCH"}
        if self.close_connection:
            headers["Connection"] = "close"
        self.begin(refused.status, headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def begin(self, status: int, headers: dict[str, str]) -> None:
        """The head of an answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Only refusals are worth a line."""
