"""How many requests a second come through the edge, beside a plain nginx before the same app."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.figure import Figure
from bench.inside import Inside
from bench.vegeta import Answers, attack, find_vegeta
from sandbox.box import Box
from sandbox.engine import Engine
from tools.progress import step

CONNECTIONS = 16
SECONDS = 10.0
ROUNDS = 3
PORT = 9090
"""Where the plain nginx listens; the stack's firewall has this port open."""
_PATH = "/api/v4/system/ping"
_CONTAINER = "homeport-bench-nginx"
_START = """printf %s "$1" >/etc/nginx/conf.d/default.conf; exec nginx -g 'daemon off;'"""


@dataclass(frozen=True)
class PlainNginx:
    """A proxy as somebody writes it by hand, with the app's address and what an app needs to know."""

    hostname: str
    app: str
    """Address and port."""

    @property
    def configuration(self) -> str:
        """The only file of conf.d."""
        return f"""\
upstream app {{
    server {self.app};
    keepalive 2;
}}
server {{
    listen 443 ssl;
    server_name {self.hostname};
    ssl_certificate /etc/nginx/certs/{self.hostname}.crt;
    ssl_certificate_key /etc/nginx/certs/{self.hostname}.key;
    location / {{
        proxy_pass http://app;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
    }}
}}
"""


def throughput_figures(box: Box, engine: Engine, inside: Inside, hostname: str) -> Iterator[Figure]:
    """Answers a second and the slowest one, in turn with a plain nginx of the same image and memory."""
    program, address = find_vegeta(), str(engine.outputs()["address"])

    def asked(port: int, seconds: float) -> Answers:
        url = f"https://{hostname}{_PATH}" if port == 443 else f"https://{hostname}:{port}{_PATH}"
        return attack(program, url, f"{address}:{port}", box.acme_root, CONNECTIONS, seconds)

    expect = f"{ROUNDS} rounds of {SECONDS:.0f} s each"
    with step("Requests through the edge and a plain nginx", expect=expect), _plain_nginx(inside, hostname):
        for port in (PORT, 443):
            asked(port, 2)
        rounds = [(asked(443, SECONDS), asked(PORT, SECONDS)) for _ in range(ROUNDS)]
    yield from figures(rounds)


def figures(rounds: list[tuple[Answers, Answers]]) -> Iterator[Figure]:
    """The median of rates and the slowest answer of all rounds. A round is the edge's and plain nginx's."""
    failed = sum(answers.failed for pair in rounds for answers in pair)
    if failed:
        raise RuntimeError(f"{failed} requests failed: their answers would be counted as fast ones")
    edge, plain = ([pair[side] for pair in rounds] for side in (0, 1))
    name = f"{CONNECTIONS} connections; baseline: a plain nginx before the same app"
    yield Figure(
        f"requests through the edge, {name}",
        statistics.median(answers.rate for answers in edge),
        "a second",
        statistics.median(answers.rate for answers in plain),
    )
    yield Figure(
        f"slowest answer through it, {name}",
        max(answers.slowest for answers in edge),
        "s",
        max(answers.slowest for answers in plain),
    )


@contextmanager
def _plain_nginx(inside: Inside, hostname: str) -> Iterator[None]:
    """The baseline on the machine: same image, memory, network, certificate and app."""
    (name,) = inside.containers("homeport.role=nginx")
    (app,) = inside.containers("homeport.service=mattermost")
    nginx, server = (json.loads(inside.read("docker", "inspect", container))[0] for container in (name, app))
    (network,) = nginx["NetworkSettings"]["Networks"]
    certificates = next(
        mount["Name"] for mount in nginx["Mounts"] if mount["Destination"] == "/etc/nginx/certs"
    )
    port = next(
        variable.split("=", 1)[1]
        for variable in server["Config"]["Env"]
        if variable.startswith("VIRTUAL_PORT=")
    )
    plain = PlainNginx(hostname, f"{server['NetworkSettings']['Networks'][network]['IPAddress']}:{port}")
    inside.read(
        *("docker", "run", "--detach", "--name", _CONTAINER, "--network", network),
        *("--memory", str(nginx["HostConfig"]["Memory"]), "--publish", f"{PORT}:443"),
        *("--volume", f"{certificates}:/etc/nginx/certs:ro", nginx["Image"]),
        *("sh", "-c", _START, "sh", plain.configuration),
    )
    try:
        inside.read("sh", "-c", f"until curl -sk -o /dev/null https://127.0.0.1:{PORT}/; do sleep 0.2; done")
        yield
    finally:
        inside.read("docker", "rm", "--force", "--volumes", _CONTAINER)
