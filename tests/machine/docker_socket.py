"""The Docker engine of a machine as a socket on this computer, as a user's own engine is one."""

from __future__ import annotations

import socket
import subprocess
import threading
from pathlib import Path


class DockerSocket:
    """Listens at `path` until it is closed; each connection goes to the engine inside a container."""

    def __init__(self, path: Path, container: str) -> None:
        self._container = container
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._carriers: list[subprocess.Popen[bytes]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections and end those there are."""
        self._listener.close()
        for carrier in self._carriers:
            carrier.terminate()
            carrier.wait()

    def _accept(self) -> None:
        dial = ["docker", "exec", "--interactive", self._container, "docker", "system", "dial-stdio"]
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._carriers.append(
                    subprocess.Popen(dial, stdin=connection.fileno(), stdout=connection.fileno())
                )
