"""A release: the version is a tag and a section of CHANGELOG.md, the archive is what git has of the tag.

Command line: `python -m tools.release check|notes|archive|publish v1.2.0`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.python_environment import REPOSITORY

CHANGELOG = "CHANGELOG.md"
_VERSION = re.compile(r"v?([0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?)")
_HEADING = re.compile(r"^## \[?([^\]\s]+)\]?(?: - (\S+))?$", re.MULTILINE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class ReleaseError(Exception):
    """There can be no such release. The text says why, and what to do."""


def version_of(tag: str) -> str:
    """The version of a tag or of a version. Raises `ReleaseError`."""
    match = _VERSION.fullmatch(tag)
    if not match:
        raise ReleaseError(f"'{tag}' is no version: VERSION=v1.2.0 is one")
    return match[1]


def notes(changelog: str, version: str) -> str:
    """What the changelog says of a version. Raises `ReleaseError` where that is nothing."""
    headings = list(_HEADING.finditer(changelog))
    for place, heading in enumerate(headings):
        if heading[1] == version:
            end = headings[place + 1].start() if place + 1 < len(headings) else len(changelog)
            text = changelog[heading.end() : end].strip()
            if not text:
                raise ReleaseError(f"{CHANGELOG}: the section of {version} is empty: say what has changed")
            return text
    raise ReleaseError(f"{CHANGELOG} has no section '## [{version}] - <date>': make one of [Unreleased]")


def check(changelog: str, version: str) -> None:
    """Refuse a version that is not the changelog's newest, dated. Raises `ReleaseError`."""
    headings = [found for found in _HEADING.finditer(changelog) if found[1] != "Unreleased"]
    newest = headings[0][1] if headings else None
    if newest != version:
        told = f"its newest version is {newest}" if newest else "it has no version yet"
        raise ReleaseError(
            f"{CHANGELOG} and the tag v{version} do not agree: {told}."
            f" Make '## [{version}] - <date>' of [Unreleased], commit, and tag that commit"
        )
    if not _DATE.fullmatch(headings[0][2] or ""):
        raise ReleaseError(
            f"{CHANGELOG}: the heading of {version} needs its date: '## [{version}] - 2026-12-31'"
        )
    notes(changelog, version)


def archive_path(version: str) -> Path:
    """Where the archive is, in the repository."""
    return Path("build", "release", f"homeport-{version}.tar.gz")


def archive(repository: Path, version: str) -> Path:
    """Pack the commit that is checked out; the same commit gives the same bytes. Raises `ReleaseError`."""
    path = archive_path(version)
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    prefix = f"--prefix=homeport-{version}/"
    _run(["git", "archive", "--format=tar.gz", prefix, f"--output={path}", "HEAD"], repository)
    return path


def publish(repository: Path, changelog: str, version: str) -> str:
    """Make the release on GitHub, by way of `gh`; returns its address. Raises `ReleaseError`."""
    path = archive_path(version)
    if not (repository / path).is_file():
        raise ReleaseError(f"{path} is not there: make release-archive VERSION=v{version}")
    early = ["--prerelease"] if "-" in version else []
    command = ["gh", "release", "create", f"v{version}", str(path), "--verify-tag", *early]
    return _run([*command, "--title", version, "--notes-file", "-"], repository, notes(changelog, version))


def _run(command: Sequence[str], folder: Path, text: str = "") -> str:
    try:
        done = subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        raise ReleaseError(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        raise ReleaseError(f"{command[0]} {command[1]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def _checked(repository: Path, changelog: str, version: str) -> str:
    check(changelog, version)
    return f"{version} is the newest version of {CHANGELOG}"


STEPS: Mapping[str, Callable[[Path, str, str], str]] = {
    "check": _checked,
    "notes": lambda _, changelog, version: notes(changelog, version),
    "archive": lambda repository, _, version: str(archive(repository, version)),
    "publish": publish,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one step; the exit status is 1 where it cannot be done."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("step", choices=list(STEPS))
    parser.add_argument("version", help="v1.2.0")
    given = parser.parse_args(arguments)
    try:
        version = version_of(given.version)
        print(STEPS[given.step](REPOSITORY, (REPOSITORY / CHANGELOG).read_text(), version))
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
