"""What Homeport needs from the operating system, in one place; installs it on Debian and Ubuntu.

Command line: `python -m tools.os_packages` prints the packages that are missing, one a line.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.cache import cache_directory
from tools.progress import SetupError, StepFailedError, run, say

COMMANDS: dict[str, str] = {
    "docker": "docker-cli",
    "iptables": "iptables",
    "debootstrap": "debootstrap",
    "fakeroot": "fakeroot",
    "gpgv": "gpgv",
    "ssh": "openssh-client",
}
"""Command -> package that has it; the Docker engine itself is the concern of tools/docker_engine.py.

debootstrap makes the sandbox's machine image where no image registry can be reached, fakeroot lets it do so
without root, and gpgv lets it verify what it downloads. Deployments and tests reach the machines with ssh.
"""

FILES: dict[Path, str] = {
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"): "debian-archive-keyring",
}
"""File -> package that has it. Without this keyring, as on Ubuntu, debootstrap verifies no Debian suite."""

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def find_command(name: str) -> str | None:
    """Find a command on PATH, or where administration commands are, which a user's PATH may leave out."""
    return shutil.which(name) or shutil.which(name, path=SYSTEM_PATH)


def missing_packages(
    find: Callable[[str], str | None] = find_command, exists: Callable[[Path], bool] = Path.exists
) -> list[str]:
    """Return the packages whose command or file is not here."""
    return [
        *(package for command, package in COMMANDS.items() if find(command) is None),
        *(package for file, package in FILES.items() if not exists(file)),
    ]


def can_install() -> bool:
    """Say whether packages can be installed without asking: root, on Debian or something made from it."""
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and find_command("apt-get") is not None


def install(packages: Iterable[str]) -> None:
    """Install packages with apt-get.

    Raises:
        StepFailedError: apt-get failed; the message ends with what it said.
    """
    wanted = list(packages)
    log = cache_directory() / "log" / "apt.log"
    # Another apt-get may be at work, as on a machine that has just booted.
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=120"]
    try:
        run("Packages: apt-get update", [*apt, "update"], log=log, limit=600)
    except StepFailedError as error:
        # One unreachable source of many fails the whole update; the packages may be in another one.
        say(f"{error}\nPackages: going on with the lists that are here")
    # Since Debian 13 the client is a package of its own; before, docker.io has it.
    if "docker-cli" in wanted and not _is_known("docker-cli"):
        wanted = list(dict.fromkeys("docker.io" if name == "docker-cli" else name for name in wanted))
    run(
        f"Packages: apt-get install {' '.join(wanted)}",
        [*apt, "install", "-y", "--no-install-recommends", *wanted],
        log=log,
        expect="about half a minute",
        env={"DEBIAN_FRONTEND": "noninteractive"},
        limit=1200,
        # Cut off, it would leave packages half installed.
        whole=True,
    )


def _is_known(package: str) -> bool:
    """Say whether apt knows a package by this name."""
    try:
        run(f"Packages: look for {package}", ["apt-cache", "show", package], log=Path(os.devnull))
    except SetupError:
        return False
    return True


def command(packages: Iterable[str]) -> str:
    """Return the command that installs these packages."""
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


def explain(packages: Iterable[str]) -> str:
    """Return how a person installs these packages."""
    return f"On Debian or Ubuntu: {command(packages)}"


if __name__ == "__main__":
    print("\n".join(missing_packages()))
