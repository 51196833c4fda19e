"""The startup script of a machine: the static bash file with a header of variables in front."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pulumi import Output

from components.host.shell import script, with_variables

_FOLDER = Path(__file__).parent
DATA_DEVICE_NAME = "data"
"""Google Cloud shows a disk attached under this name as /dev/disk/by-id/google-<name>."""
DATA_DEVICE = f"/dev/disk/by-id/google-{DATA_DEVICE_NAME}"


@dataclass(frozen=True)
class Bootstrap:
    """What the bootstrap of one machine is told."""

    user: str
    swap: int
    """MiB, 0 for none."""
    docker: Literal["distribution", "docker-ce"]
    data_disk: int
    """GB. The file system grows to it."""
    boot_disk: int
    """GB. So does this one."""
    host_key: str
    """Public half of the pinned SSH host key: algorithm and key, without a comment."""

    @property
    def _body(self) -> str:
        return with_variables(
            (_FOLDER / "bootstrap.sh").read_text(),
            {
                "user_name": self.user,
                "swap_mib": str(self.swap),
                "data_gb": str(self.data_disk),
                "boot_gb": str(self.boot_disk),
                "data_device": DATA_DEVICE,
                "docker_source": self.docker,
                "host_key": self.host_key,
            },
        )

    @property
    def hash(self) -> str:
        """Names this very script; the ready marker on the machine repeats it."""
        return hashlib.sha256(self._body.encode()).hexdigest()[:16]

    @property
    def script(self) -> str:
        """The startup script."""
        return with_variables(self._body, {"bootstrap_hash": self.hash})


def await_ready(bootstrap_hash: Output[str]) -> Output[str]:
    """A script for root that returns once the bootstrap of that hash is done, or fails with its output."""
    return script(_FOLDER / "await_ready.sh", bootstrap_hash=bootstrap_hash)
