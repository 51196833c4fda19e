"""`make tls-scan`: whether a host name's TLS is what browsers need and nothing weaker.

Exit status 0: nothing weak; 1: a list of weaknesses; 2: it could not be looked at.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from operations.finding import Finding, right, wrong
from tools.progress import SetupError
from tools.tls_scanner.environment import SCAN, find_tls_scanner

HSTS_SECONDS = 31536000
"""A year, as `edge.hsts` is where nothing else is said."""
_LIMIT_SECONDS = 180

Profile = Literal["intermediate", "modern"]
"""Of Mozilla's recommendations: TLS 1.2 and 1.3, or 1.3 alone."""


class NotScannedError(Exception):
    """Why nothing is known."""


@dataclass(frozen=True)
class Target:
    """What is asked."""

    hostname: str
    port: int = 443
    address: str | None = None
    """Where DNS does not say it, or not yet."""
    root: Path | None = None
    """PEM file that the certificate may chain to, besides the public roots."""
    profile: Profile = "intermediate"
    hsts: int = HSTS_SECONDS
    """Least seconds in `Strict-Transport-Security`."""

    @property
    def arguments(self) -> list[str]:
        """Of the scanner's program."""
        return [
            *(self.hostname, "--port", str(self.port), "--profile", self.profile, "--hsts", str(self.hsts)),
            *(("--address", self.address) if self.address else ()),
            *(("--root", str(self.root)) if self.root else ()),
        ]


class _Said(BaseModel):
    weaknesses: list[str] = []
    problem: str | None = None


def weaknesses(target: Target) -> list[str]:
    """What is weak. Raises `NotScannedError`, and `SetupError` where the scanner cannot be installed."""
    if target.root and not target.root.is_file():
        raise NotScannedError(
            f"{target.root}: there is no such file; ROOT is a PEM file with a root certificate"
        )
    python = find_tls_scanner()
    try:
        done = subprocess.run(
            [str(python), "-W", "ignore", str(SCAN), *target.arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=_LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NotScannedError(f"{target.hostname}: no result after {_LIMIT_SECONDS} seconds") from None
    return understood(done.stdout, done.stderr)


def understood(output: str, errors: str) -> list[str]:
    """What the scanner's program said. Raises `NotScannedError`."""
    try:
        said = _Said.model_validate(json.loads(output))
    except (ValueError, ValidationError):
        raise NotScannedError(f"the scanner broke off: {errors.strip()[-500:]}") from None
    if said.problem is not None:
        raise NotScannedError(said.problem)
    return said.weaknesses


def findings(target: Target, weak: list[str]) -> Iterator[Finding]:
    """The lines for a person."""
    for weakness in weak:
        yield wrong(f"{target.hostname}: {weakness}")
    if not weak:
        yield right(f"{target.hostname}: nothing weak, by Mozilla's profile `{target.profile}`")


def main() -> int:
    """Look at one host name."""
    parser = argparse.ArgumentParser(prog="make tls-scan")
    parser.add_argument("--host", required=True, help="HOST: a host name of an app")
    parser.add_argument("--address", help="ADDRESS: of the machine, where DNS does not say it yet")
    parser.add_argument("--root", type=Path, help="ROOT: PEM file with the root of an authority of your own")
    parser.add_argument("--profile", choices=("intermediate", "modern"), default="intermediate")
    arguments = parser.parse_args()
    if not arguments.host:
        print("make tls-scan: say which host name: HOST=chat.example.com", file=sys.stderr)
        return 2
    target = Target(arguments.host, address=arguments.address, root=arguments.root, profile=arguments.profile)
    try:
        weak = weaknesses(target)
    except (NotScannedError, SetupError) as error:
        print(f"make tls-scan: could not look: {error}", file=sys.stderr)
        return 2
    for finding in findings(target, weak):
        print(finding)
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
