"""The stores of objects and metrics: programs of their own, so that one can be gone while others stay."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STORES = Path("/srv/stores")
CERTIFICATES = Path("/run/cloud")


@dataclass
class Store:
    """One program. It does not run while the file `<name>.unreachable` is there: connections are refused."""

    name: str
    address: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Its address, and no order of a cloud that ran before."""
        subprocess.run(["ip", "address", "replace", f"{self.address}/32", "dev", "eth0"], check=True)
        self._flag.unlink(missing_ok=True)

    @property
    def _flag(self) -> Path:
        return STORES / f"{self.name}.unreachable"

    def tend(self) -> bool:
        """Start or end it as the file says; whether it is as it should be."""
        if self._flag.exists():
            if self._process:
                self._process.kill()
                self._process.wait()
                self._process = None
            return True
        if self._process is None:
            self._process = self._start()
        return self._process.poll() is None

    def _start(self) -> subprocess.Popen[bytes]:
        # As whoever owns the box: what it writes can be read, damaged and removed from outside.
        owner = STORES.stat()
        return subprocess.Popen(
            self.command,
            user=owner.st_uid,
            group=owner.st_gid,
            env={
                **os.environ,
                "STORE": str(STORES / self.name),
                "CERTIFICATE": str(CERTIFICATES / f"{self.name}.crt"),
                "KEY": str(CERTIFICATES / f"{self.name}.key"),
                **self.environment,
            },
        )


def stores() -> list[Store]:
    """Google's Storage and Monitoring, and the S3-compatible store, each at an address: all are port 443."""
    google, s3, monitoring = (os.environ[f"{name}_ADDRESS"] for name in ("GOOGLE", "S3", "MONITORING"))
    return [
        Store("google", google, ["python3", "/opt/cloud/google_storage.py"], {"LISTEN": google}),
        Store(
            "monitoring", monitoring, ["python3", "/opt/cloud/google_monitoring.py"], {"LISTEN": monitoring}
        ),
        Store("s3", s3, ["/opt/cloud/s3"], {"LISTEN": f"{s3}:443"}),
    ]
