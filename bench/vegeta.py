"""Vegeta, the load generator: where it is found, or how it is built, and what it says of one attack."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.cache import cache_directory, locked
from tools.go_program import GoProgram, build

VERSION = "12.13.0"

PROGRAM = GoProgram(
    title=f"Vegeta {VERSION}",
    module="vegeta",
    package="github.com/tsenart/vegeta/v12",
    expect="once; about half a minute on 2 cores",
)


@dataclass(frozen=True)
class Answers:
    """What one attack got."""

    rate: float
    """Answers a second."""
    slowest: float
    """Seconds; connecting counts where a request was the first of its connection."""
    requests: int
    failed: int
    """Requests without an answer, or with a status other than 2xx and 3xx."""


def find_vegeta() -> Path:
    """The path of Vegeta in the cache, built there if it is not yet.

    Raises:
        SetupError: It could not be built.
    """
    cached = cache_directory() / "vegeta" / f"v{VERSION}" / "vegeta"
    with locked(cached.parent.parent / "build.lock"):
        if not cached.exists():
            with tempfile.TemporaryDirectory(dir=cached.parent.parent, prefix=".build-") as staging:
                built = build(PROGRAM, Path(staging))
                cached.parent.mkdir(exist_ok=True)
                shutil.move(built, cached)
    return cached


def attack(program: Path, url: str, server: str, roots: Path, connections: int, seconds: float) -> Answers:
    """As many requests as that many connections carry, each next one after its answer.

    Args:
        program: Vegeta.
        url: What is asked for.
        server: Address and port that are connected to in place of the URL's.
        roots: PEM file that the certificate must chain to.
        connections: HTTP/1.1 connections that stay open.
        seconds: How long.

    Raises:
        RuntimeError: Vegeta failed, or got no answer at all.
    """
    host = url.removeprefix("https://").split("/", 1)[0]
    command = [
        *(str(program), "attack", "-rate=0", f"-max-workers={connections}", f"-workers={connections}"),
        *(f"-duration={seconds}s", "-http2=false", "-redirects=-1", "-max-body=0"),
        *(f"-root-certs={roots}", f"-connect-to={host if ':' in host else f'{host}:443'}:{server}"),
    ]
    with tempfile.NamedTemporaryFile() as results:
        _run([*command, f"-output={results.name}"], f"GET {url}\n")
        return answers(json.loads(_run([str(program), "report", "-type=json", results.name], "")))


def answers(report: Mapping[str, object]) -> Answers:
    """From Vegeta's report as JSON, whose times are in nanoseconds."""
    latencies, requests, success = report["latencies"], report["requests"], report["success"]
    throughput = report["throughput"]
    if not (
        isinstance(latencies, dict)
        and isinstance(requests, int)
        and isinstance(success, int | float)
        and isinstance(throughput, int | float)
    ):
        raise TypeError(f"not a report of Vegeta's: {report}")
    if not success:
        raise RuntimeError(f"no request had an answer: {report['errors']}")
    failed = requests - round(requests * success)
    return Answers(float(throughput), latencies["max"] / 1e9, requests, failed)


def _run(command: list[str], stdin: str) -> str:
    ended = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} failed with status {ended.returncode}: {ended.stderr}")
    return ended.stdout
