"""A small Debian as the base of images, made without root: unpacked by fakeroot, set up in a container."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from sandbox import docker_sdk as docker
from tools.cache import cache_directory, locked
from tools.os_packages import SYSTEM_PATH, explain, find_command
from tools.progress import SetupError, step

_RECIPE = "3"
"""Changed by hand when the way of making it changes."""
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""What Debian signs its releases with; Ubuntu has it as a package too."""
_PROGRAMS = ("fakeroot", "debootstrap", "gpgv")
_LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info")
_DPKG = "force-unsafe-io\n" + "".join(f"path-exclude=/{path}/*\n" for path in _LEFT_OUT)
"""No file is forced to the disk, since an image that is half made is thrown away; and no manuals."""
_APT = 'Acquire::Languages "none";\nAPT::Keep-Downloaded-Packages "false";\n'
# /proc and /dev are the container's. Files keep their owners in the archive, whoever unpacked them.
_UNPACK = """
set -eu
debootstrap --foreign --variant=minbase --keyring="$KEYRING" --force-check-gpg "$SUITE" "$ROOT" >"$LOG" 2>&1
cd "$ROOT"
rm -rf proc sys dev $LEFT_OUT
mkdir proc sys dev
printf %s "$DPKG" >etc/dpkg/dpkg.cfg.d/sandbox
printf %s "$APT" >etc/apt/apt.conf.d/sandbox
exec tar --create --file "$PACKED" .
"""
_SET_UP = """
set -eu
/debootstrap/debootstrap --second-stage
rm -rf /var/cache/apt/* /var/lib/apt/lists/* /var/log/bootstrap.log /var/log/dpkg.log
mkdir -p /var/cache/apt/archives/partial /var/lib/apt/lists/partial
"""


def base_name(suite: str) -> str:
    """The local name of a suite's base image."""
    return f"homeport-sandbox/base:{suite}-{_RECIPE}"


def base(client: docker.DockerClient, suite: str) -> str:
    """The local name of a suite's base image, made if it is not there yet. Raises `SetupError`."""
    name = base_name(suite)
    if _is_there(client, name):
        return name
    _check_tools()
    with locked(cache_directory() / "locks" / f"sandbox-base-{suite}"):
        if not _is_there(client, name):
            with step(f"Sandbox base image, Debian {suite}", expect="once, about half a minute"):
                _make(client, suite, name)
    return name


def _is_there(client: docker.DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except docker.errors.ImageNotFound:
        return False
    return True


def _check_tools() -> None:
    missing = [program for program in _PROGRAMS if find_command(program) is None]
    if not _KEYRING.exists():
        missing.append("debian-archive-keyring")
    if missing:
        raise SetupError(
            f"making the sandbox's images needs {', '.join(missing)}, which is not here. {explain(missing)}"
        )


def _make(client: docker.DockerClient, suite: str, name: str) -> None:
    """Unpack, import, set up in a container, and import what that holds: one layer, as small as it can be."""
    cache = cache_directory() / "base"
    cache.mkdir(parents=True, exist_ok=True)
    unpacked = f"homeport-sandbox/unpacked:{suite}-{secrets.token_hex(4)}"
    # In the cache, since some computers have /tmp in memory, or let nothing run there.
    with tempfile.TemporaryDirectory(prefix=f"{suite}-", dir=cache) as folder:
        try:
            with _unpacked(suite, Path(folder)).open("rb") as archive:
                _import(client, archive, unpacked)
            _set_up(client, suite, unpacked, name)
        except docker.errors.DockerException as problem:
            raise SetupError(f"Docker could not make the base image {suite}: {problem}") from None
        finally:
            _forget(client, unpacked)


def _set_up(client: docker.DockerClient, suite: str, unpacked: str, name: str) -> None:
    container = client.containers.create(
        unpacked, ["sh", "-c", _SET_UP], network_mode="none", labels={"homeport.sandbox.shared": "true"}
    )
    try:
        container.start()
        if container.wait(timeout=600)["StatusCode"]:
            log = container.logs(tail=30).decode(errors="replace")
            raise SetupError(f"setting up Debian {suite} in a container failed:\n{log}")
        _import(client, container.export(), name, ['CMD ["/bin/bash"]'])
    finally:
        container.remove(force=True, v=True)


def _import(
    client: docker.DockerClient,
    archive: BinaryIO | Iterable[bytes],
    name: str,
    changes: list[str] | None = None,
) -> None:
    repository, tag = name.rsplit(":", 1)
    client.api.import_image(archive, repository=repository, tag=tag, changes=changes)
    if not _is_there(client, name):
        raise SetupError(f"Docker took an archive for {name} and has no such image")


def _forget(client: docker.DockerClient, name: str) -> None:
    try:
        client.images.remove(name)
    except docker.errors.APIError:
        # It was never made.
        return


def _unpacked(suite: str, folder: Path) -> Path:
    """The archive of what debootstrap verified and unpacked; its programs have not run yet."""
    log, packed = folder / "log", folder / "packed.tar"
    environment = {
        **os.environ,
        "PATH": f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}",
        "KEYRING": str(_KEYRING),
        "SUITE": suite,
        "ROOT": str(folder / "root"),
        "PACKED": str(packed),
        "LOG": str(log),
        "LEFT_OUT": " ".join(_LEFT_OUT),
        "DPKG": _DPKG,
        "APT": _APT,
    }
    process = subprocess.run(
        [str(find_command("fakeroot")), "sh", "-c", _UNPACK],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        told = (log.read_text(errors="replace") if log.exists() else "") + process.stderr
        raise SetupError(f"debootstrap {suite} failed:\n{told[-2000:]}")
    return packed
