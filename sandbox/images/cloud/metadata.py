"""The metadata server: what a machine may know of itself, asked from its own address."""

from __future__ import annotations

import json
import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypedDict
from urllib.parse import parse_qs, urlsplit

from tokens import answer

INSTANCES = Path("/srv/cloud/instances.json")
ROOT = "/computeMetadata/v1"
LONGEST_WAIT = 60.0


class ServiceAccount(TypedDict):
    """Who a machine is towards Google's APIs; without a mail address, nobody."""

    email: str
    scopes: list[str]


class Instance(TypedDict, total=False):
    """What the file says of a machine."""

    name: str
    id: str
    zone: str
    attributes: dict[str, str]
    project: str
    service_account: ServiceAccount


def instance(address: str) -> Instance:
    """The machine at that address as it is now, empty where there is none."""
    if not INSTANCES.exists():
        return {}
    found: dict[str, Instance] = json.loads(INSTANCES.read_text())
    return found.get(address, {})


class Handler(BaseHTTPRequestHandler):
    """Answers like Google's server as far as startup scripts and guest agents ask."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Metadata-Flavor") != "Google":
            self._answer(403, "Missing Metadata-Flavor:Google header.")
            return
        url = urlsplit(self.path)
        path, query = url.path.removeprefix(ROOT).rstrip("/"), parse_qs(url.query)
        value = self._value(path)
        if query.get("wait_for_change") == ["true"]:
            last = query.get("last_etag", [""])[0]
            end = time.monotonic() + LONGEST_WAIT
            while etag(value) == last and time.monotonic() < end:
                time.sleep(0.5)
                value = self._value(path)
        if value is None:
            self._answer(404, "not found")
        else:
            self._answer(200, value if isinstance(value, str) else json.dumps(value), etag(value))

    def _value(self, path: str) -> object:
        machine = instance(self.client_address[0])
        if path == "/instance/attributes":
            return machine.get("attributes", {})
        if path.startswith("/instance/attributes/"):
            return machine.get("attributes", {}).get(path.rsplit("/", 1)[1])
        known = {
            "/instance/name": machine.get("name"),
            "/instance/id": machine.get("id"),
            "/instance/hostname": machine.get("name"),
            "/instance/zone": machine.get("zone"),
            "/project/project-id": machine.get("project"),
        }
        if path.startswith("/instance/service-accounts"):
            return self._service_account(path.removeprefix("/instance/service-accounts"), machine)
        return known.get(path)

    def _service_account(self, path: str, machine: Instance) -> object:
        account = machine.get("service_account")
        if account is None or not account["email"]:
            return None
        email, scopes = account["email"], account["scopes"]
        if not path:
            return f"default/\n{email}/\n"
        name, _, wanted = path.removeprefix("/").partition("/")
        if name not in {"default", email}:
            return None
        if wanted == "token":
            # What an attacker would be after.
            return answer(email, scopes)
        about = {"aliases": ["default"], "email": email, "scopes": scopes}
        texts = {"email": email, "scopes": "".join(f"{scope}\n" for scope in scopes), "aliases": "default\n"}
        # As a whole it is asked for with `recursive=true`.
        return texts.get(wanted) if wanted else about

    def _answer(self, status: int, text: str, tag: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Metadata-Flavor", "Google")
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Startup scripts hold keys: nothing is logged."""


def etag(value: object) -> str:
    """A text that changes with the value."""
    return f"{abs(hash(json.dumps(value, sort_keys=True))):x}"


class Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up: those that only look whether this is Google's cloud do."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):
            traceback.print_exc()


def serve_metadata(address: str) -> None:
    """Serve until the process ends."""
    Server((address, 80), Handler).serve_forever()
