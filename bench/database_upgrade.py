"""How long people cannot write, or read, while PostgreSQL becomes another major version."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import closing

import httpx

from bench.figure import Figure
from bench.inside import Inside
from bench.requests import Requests
from bench.session import session
from sandbox.box import Box
from sandbox.deployment import deployment
from sandbox.engine import homeport
from tools.progress import step

FROM, TO = "15.14", "17.11"
SIZES = (8, 64, 256)
"""MiB of the database, more or less."""
_ROWS_PER_MIB = 5200
"""Of the table that fills it, with its index."""
_DATABASE = "mattermost"
_FILL = "INSERT INTO filler SELECT n, repeat(md5(n::text), 4) FROM generate_series(1, {rows}) n"


def database_upgrade_figures(box: Box) -> Iterator[Figure]:
    """One deployment for each size."""
    for size in SIZES:
        yield from _measure(box, size)


def _measure(box: Box, size: int) -> Iterator[Figure]:
    with step(f"PostgreSQL {FROM} with {size} MiB", expect="about two minutes"):
        box.stop()
        description = box.start()
        engine = deployment(box, description, _with(FROM))
        engine.up()
        mib = fill(Inside.of(box), size)
    with (
        closing(session(box, engine)) as reader,
        closing(session(box, engine)) as writer,
        step(f"PostgreSQL {FROM} -> {TO} with {size} MiB"),
        Requests(lambda: reader.get("/api/v4/channels/town-square/posts?per_page=1")) as reading,
        Requests(lambda: _post(writer)) as writing,
    ):
        deployment(box, description, _with(TO)).up()
    name = f"PostgreSQL {FROM} -> {TO}, {mib:.0f} MiB"
    yield Figure(f"{name}: nobody can write", writing.interruption, "s")
    yield Figure(f"{name}: nobody can read", reading.interruption, "s")
    yield Figure(f"{name}: reads that failed; baseline: all", len(reading.failures), "", len(reading.answers))


def fill(inside: Inside, size: int) -> float:
    """Make the database of Mattermost so many MiB larger, more or less; its size in MiB then."""
    (server,) = inside.containers("homeport.service=postgres")
    for statement in (
        "CREATE TABLE filler (id int PRIMARY KEY, text text)",
        _FILL.format(rows=size * _ROWS_PER_MIB),
        "VACUUM ANALYZE",
    ):
        inside.read("docker", "exec", server, "psql", "-qU", _DATABASE, "-c", statement)
    bytes_ = inside.read(
        *("docker", "exec", server, "psql", "-qAtU", _DATABASE, "-c"),
        f"SELECT pg_database_size('{_DATABASE}')",
    )
    return int(bytes_) / 1024 / 1024


def _post(client: httpx.Client) -> httpx.Response:
    return client.post("/api/v4/posts", json={"channel_id": "town-square", "message": "at work"})


def _with(version: str) -> dict[str, object]:
    apps = copy.deepcopy(homeport("sandbox").config["homeport:apps"])
    if not isinstance(apps, list):
        raise TypeError("the stack has no apps")
    return {"homeport:apps": [{**apps[0], "postgres": {"version": version}}]}
