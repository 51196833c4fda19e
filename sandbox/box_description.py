"""What providers and tests need to know of a box."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tools.progress import SetupError


@dataclass(frozen=True)
class Description:
    """What providers and tests need to know of a box; kept as box.json in its folder."""

    name: str
    network: str
    subnet: str
    cloud_container: str
    cloud_address: str
    acme_directory: str
    machine_image: str

    @classmethod
    def read(cls, directory: Path) -> Description:
        """The description of the box in that folder. `SetupError` where there is none."""
        path = directory / "box.json"
        if not path.exists():
            raise SetupError(f"there is no sandbox in {directory}")
        return cls(**json.loads(path.read_text()))
