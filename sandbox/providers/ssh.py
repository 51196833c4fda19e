"""Running a command on a machine with the system's `ssh`, the host key pinned."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from sandbox.providers.lifetime import tied
from sandbox.providers.resource import ProviderError, Value


@dataclass(frozen=True)
class Connection:
    """Where to connect to, as pulumi-command's `connection` says it."""

    host: str
    user: str
    port: int
    private_key: str | None
    host_key: str | None
    tries: int
    """-1 for no limit."""
    timeout: int
    """Seconds of one try."""

    @classmethod
    def of(cls, value: Value) -> Connection:
        """From the `connection` input; defaults as in pulumi-command 1.2.1."""
        fields = value if isinstance(value, Mapping) else {}
        limit, timeout, port = (
            fields.get(name, default)
            for name, default in (("dialErrorLimit", 10), ("perDialTimeout", 15), ("port", 22))
        )
        private_key, host_key = fields.get("privateKey"), fields.get("hostKey")
        return cls(
            host=str(fields["host"]),
            user=str(fields.get("user") or "root"),
            port=port if isinstance(port, int) else 22,
            private_key=private_key if isinstance(private_key, str) else None,
            host_key=host_key if isinstance(host_key, str) else None,
            tries=limit if isinstance(limit, int) else 10,
            timeout=timeout if isinstance(timeout, int) else 15,
        )


@dataclass(frozen=True)
class Finished:
    """A command that ran to its end."""

    status: int
    stdout: str
    stderr: str


def run(connection: Connection, command: str, stdin: str, cancelled: Event) -> Finished:
    """Run it, dialling again while the machine does not answer. Delays grow to 5 s as in the official one."""
    delay, failed = 0.1, 0
    while True:
        finished = _try(connection, command, stdin)
        if isinstance(finished, Finished):
            return finished
        failed += 1
        # One more than the limit, and told as the limit, as the official one counts.
        if connection.tries != -1 and failed > connection.tries:
            raise ProviderError(f"after {connection.tries} failed attempts: {finished}")
        if cancelled.wait(delay):
            raise ProviderError("cancelled while dialling")
        delay = min(delay * 1.5, 5.0)


def _try(connection: Connection, command: str, stdin: str) -> Finished | str:
    """The result, or why there was no connection."""
    with tempfile.TemporaryDirectory(prefix="homeport-ssh-") as folder:
        key, known, connected = (Path(folder) / name for name in ("key", "known_hosts", "connected"))
        options = _options(connection, key, known)
        key.touch(mode=0o600)
        key.write_text(connection.private_key or "")
        known.write_text(f"* {connection.host_key}\n" if connection.host_key else "")
        started = time.monotonic()
        process = subprocess.run(
            tied(
                [
                    "ssh",
                    *options,
                    *("-o", "PermitLocalCommand=yes", "-o", f"LocalCommand=touch {connected}"),
                    f"{connection.user}@{connection.host}",
                    command,
                ]
            ),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if connected.exists():
            return Finished(process.returncode, process.stdout, process.stderr)
        return process.stderr.strip() or f"no connection after {time.monotonic() - started:.0f} s"


def _options(connection: Connection, key: Path, known: Path) -> list[str]:
    strict = "yes" if connection.host_key else "no"
    return [
        *("-F", "none", "-p", str(connection.port)),
        *("-o", "BatchMode=yes", "-o", "LogLevel=ERROR"),
        *("-o", f"ConnectTimeout={connection.timeout}"),
        *("-o", f"UserKnownHostsFile={known}", "-o", "GlobalKnownHostsFile=none"),
        *("-o", f"StrictHostKeyChecking={strict}"),
        *(("-i", str(key), "-o", "IdentitiesOnly=yes") if connection.private_key else ()),
    ]
