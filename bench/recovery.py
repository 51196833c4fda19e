"""How long it takes to have everything again after machine and state are lost."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing

from bench.database_upgrade import fill
from bench.figure import Figure
from bench.inside import Inside
from bench.session import session
from sandbox.box import Box
from sandbox.deployment import deployment, project
from sandbox.engine import Engine, Project
from tools.progress import step

DATABASE_MIB = 64
FILES = 16
FILE_MIB = 8
_AGAIN = "again"
_UNITS = {"backup": "homeport-backup", "verification of it": "homeport-backup-verify"}


def recovery_figures(box: Box) -> Iterator[Figure]:
    """A stack with data and backups in a bucket, its loss, and a new stack from the bucket."""
    with step("Deploy a stack with backups and data", expect="two minutes"):
        box.stop()
        description = box.start()
        first = deployment(box, description, _settings({"kind": "gcs"}))
        began = time.monotonic()
        first.up()
        with closing(session(box, first)) as client:
            deployed = time.monotonic() - began
            files = [
                client.post(
                    "/api/v4/files",
                    params={"channel_id": "town-square", "filename": f"{number}.bin"},
                    content=os.urandom(FILE_MIB * 1024 * 1024),
                ).json()["file_infos"][0]["id"]
                for number in range(FILES)
            ]
        inside = Inside.of(box)
        mib = fill(inside, DATABASE_MIB)
    what = f"database of {mib:.0f} MiB, files of {FILES * FILE_MIB} MiB"
    for name, unit in _UNITS.items():
        with step(f"{unit}, {what}"):
            began = time.monotonic()
            inside.read("systemctl", "start", unit)
            yield Figure(f"{name}: {what}", time.monotonic() - began, "s")
    backup = first.outputs()["backup"]
    if not isinstance(backup, dict):
        raise TypeError("the stack has no backups")
    with step("Lose machine and state"):
        first.forget("gcp:storage/")
        first.destroy()
    with step("Restore into a new stack", expect="two minutes"):
        bucket = str(backup["store"]).split(":")[1]
        store = {"kind": "gcs", "bucket": bucket}
        settings = _settings(store, restoreFrom="latest", password="supplied")  # noqa: S106  set below
        shipped = project(box, description, settings)
        again = Engine(box.directory, Project(_AGAIN, shipped.program, shipped.config))
        again.set_secret("homeport:backupPassword", str(backup["password"]))
        began = time.monotonic()
        again.up()
        with closing(session(box, again)) as client:
            for file in files:
                size = len(client.get(f"/api/v4/files/{file}").raise_for_status().content)
                if size != FILE_MIB * 1024 * 1024:
                    raise RuntimeError(f"the file {file} came back with {size} bytes")
            recovered = time.monotonic() - began
    yield Figure(
        f"from nothing to all data again: {what}; baseline: the same stack empty", recovered, "s", deployed
    )


def _settings(store: dict[str, str], **more: str) -> dict[str, object]:
    return {"homeport:backup": {"store": store, **more}}
