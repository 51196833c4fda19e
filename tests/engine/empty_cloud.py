"""A cloud in which no container runs: what its providers record is all there is of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from sandbox.box_description import Description
from sandbox.cloud import APIS, Cloud


def empty_cloud(world: Path, name: str) -> Cloud:
    """Make it in a folder, for the providers whose HOMEPORT_SANDBOX that is; every API is on."""
    description = Description(
        name=name,
        network="none",
        subnet="172.31.77.0/24",
        cloud_container="none",
        cloud_address="172.31.77.2",
        acme_directory="https://acme.sandbox.test/dir",
        machine_image="none",
    )
    (world / "box.json").write_text(json.dumps(asdict(description)))
    cloud = Cloud(world)
    cloud.switch_on(*APIS)
    return cloud
