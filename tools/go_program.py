"""Builds a program from a pinned Go module (a go.mod and go.sum of this repository) into a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tools.cache import cache_directory
from tools.go import find_go
from tools.prerequisites import MIB, check_disk
from tools.progress import run

GIB = 1024**3


@dataclass(frozen=True)
class GoProgram:
    """A command of a Go module.

    Attributes:
        title: What progress lines call it.
        module: Folder of the go.mod that pins it; relative to `tools`.
        package: Import path of the command.
        expect: What the person waits for: time, memory, disk.
        variables: Set at link time, by their full name.
        disk_bytes: Free space that downloading and compiling takes, at most.
    """

    title: str
    module: str
    package: str
    expect: str
    variables: tuple[tuple[str, str], ...] = ()
    disk_bytes: int = GIB

    @property
    def directory(self) -> Path:
        """Folder of its go.mod."""
        return Path(__file__).parent / self.module

    @property
    def binary(self) -> str:
        """The name that Go gives it: the last part of its import path that is no major version."""
        *before, last = self.package.split("/")
        return before[-1] if re.fullmatch(r"v\d+", last) else last

    @property
    def ldflags(self) -> str:
        """Linker flags: no debugging tables (a third of the size), and the variables."""
        return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in self.variables)])


def build(program: GoProgram, into: Path) -> Path:
    """Build it and return the binary's path.

    An interrupted build goes on where it stopped: Go keeps what it downloaded and compiled in its own caches.

    Raises:
        SetupError: There is no Go, no space, or the build failed.
    """
    into.mkdir(parents=True, exist_ok=True)
    check_disk(into, program.disk_bytes // MIB, f"{program.title}: the build")
    go = find_go()
    run(
        f"{program.title}: build with Go",
        [go, "install", "-v", "-trimpath", "-mod=readonly", f"-ldflags={program.ldflags}", program.package],
        log=cache_directory() / "log" / f"{program.binary}.log",
        expect=program.expect,
        cwd=program.directory,
        # No C compiler is needed, and the Go that was found is the one that builds.
        env={"GOBIN": str(into), "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"},
    )
    return into / program.binary
