"""The Docker engine that the provider's configuration names, here or on a machine over SSH."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from sandbox import docker_sdk as docker
from sandbox.providers.resource import Properties, ProviderError

_CONNECT_SECONDS = 60.0


@cache
def _connection(host: str, options: tuple[str, ...]) -> DockerConnection:
    return DockerConnection(host, options)


def connection(config: Properties) -> DockerConnection:
    """The engine of a provider's configuration; every resource type shares one connection to it.

    As the official provider does, it is tried at once where it is not over SSH, and an engine that does
    not answer is not named: `ProviderError`. Over SSH it is connected to at its first use.
    """
    options = config.get("sshOpts")
    words = tuple(str(option) for option in options) if isinstance(options, list) else ()
    found = _connection(str(config.get("host") or "unix:///var/run/docker.sock"), words)
    if not found.is_remote:
        found.client()
    return found


class DockerConnection:
    """One engine."""

    def __init__(self, host: str, options: tuple[str, ...]) -> None:
        self._host = host
        self._options = options
        self._lock = threading.Lock()
        self._tunnel: subprocess.Popen[bytes] | None = None
        self._client: docker.APIClient | None = None
        self.is_remote = host.startswith("ssh://")

    def client(self) -> docker.APIClient:
        """A client of the engine. Raises `ProviderError` where the engine cannot be reached."""
        with self._lock:
            if self._tunnel and self._tunnel.poll() is not None:
                self._client = None
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> docker.APIClient:
        url = self._forward() if self.is_remote else self._host
        try:
            return docker.APIClient(base_url=url, version="auto", timeout=600, num_pools=64)
        except docker.errors.DockerException as problem:
            text = (
                self._unreachable(str(problem))
                if self.is_remote
                else "failed to connect to any docker daemon"
            )
            raise ProviderError(text) from None

    def _forward(self) -> str:
        """A local socket that leads to the machine's; one SSH connection carries all."""
        where = urlsplit(self._host)
        socket = Path(tempfile.mkdtemp(prefix="homeport-docker-")) / "docker.sock"
        target = f"{where.username}@{where.hostname}" if where.username else str(where.hostname)
        with tempfile.TemporaryFile() as log:
            self._tunnel = subprocess.Popen(
                [
                    *("ssh", "-F", "none", "-N", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes"),
                    *("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"),
                    *self._options,
                    *("-p", str(where.port or 22), "-L", f"{socket}:/var/run/docker.sock", target),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
            deadline = time.monotonic() + _CONNECT_SECONDS
            while not socket.exists():
                if self._tunnel.poll() is not None or time.monotonic() > deadline:
                    self._tunnel.kill()
                    log.seek(0)
                    text = log.read().decode(errors="replace").strip()
                    raise ProviderError(self._unreachable(text))
                time.sleep(0.05)
        return f"unix://{socket}"

    def _unreachable(self, problem: str) -> str:
        return f"failed to create Docker client: Error pinging Docker server at {self._host}: {problem}"

    def close(self) -> None:
        """End the SSH connection."""
        if self._tunnel:
            self._tunnel.terminate()
