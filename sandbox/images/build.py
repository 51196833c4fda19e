"""Builds the sandbox's images, each named after the hash of what it is made from: nothing is built twice."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import docker
from docker.errors import BuildError, ImageNotFound

from sandbox.images.catalogue import ImageSource
from tools.go import find_go
from tools.progress import SetupError, step

_FOLDER = Path(__file__).parent
_LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache"}
"""What tools leave in the folders, and no image is made from."""
_RECIPE = "1"
"""Changed by hand when the way of building changes."""
_TRIM = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
    "var/cache/apt",
    "var/lib/apt/lists",
)


def built(client: docker.DockerClient, source: ImageSource, version: str | None = None) -> str:
    """The local name of an image, built if it is not there yet."""
    arguments = {**source.arguments, **({"VERSION": version} if version and source.per_version else {})}
    name = f"homeport-sandbox/{source.folder}:{_hash(source, arguments)}"
    if _exists(client, name):
        return name
    if source.suite:
        arguments = {**arguments, "BASE": _base(client, source.suite)}
    label = f"{source.folder} {version}" if version and source.per_version else source.folder
    with step(f"Sandbox image {label}", expect="once"), tempfile.TemporaryDirectory() as context:
        shutil.copytree(
            _FOLDER / source.folder,
            context,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(*_LEFT_OUT),
        )
        for folder in source.folders:
            (Path(context) / folder).mkdir(parents=True)
            (Path(context) / folder).chmod(0o1777 if folder.endswith("tmp") else 0o755)
        for target, package in source.programs.items():
            _compile(_FOLDER / source.folder, package, Path(context) / target)
        try:
            client.images.build(
                path=context,
                dockerfile=source.dockerfile,
                tag=name,
                buildargs=arguments,
                network_mode="host",
                rm=True,
                labels={"homeport.sandbox.shared": "true"},
            )
        except BuildError as problem:
            log = "".join(str(line.get("stream", "")) for line in problem.build_log)
            raise SetupError(
                f"the sandbox image {label} could not be built: {problem}\n{log[-3000:]}"
            ) from None
    return name


def _hash(source: ImageSource, arguments: dict[str, str]) -> str:
    digest = hashlib.sha256(_RECIPE.encode())
    recipe = [source.suite, source.dockerfile, source.folders, sorted(source.programs.items())]
    digest.update(json.dumps(recipe).encode())
    digest.update(json.dumps(arguments, sort_keys=True).encode())
    for path in sorted((_FOLDER / source.folder).rglob("*")):
        if path.is_file() and not _LEFT_OUT.intersection(path.parts):
            digest.update(f"{path.relative_to(_FOLDER)} {os.access(path, os.X_OK)}".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _exists(client: docker.DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True


def _compile(module: Path, package: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.run(
        [str(find_go()), "build", "-trimpath", "-ldflags", "-s -w", "-o", str(target), package],
        cwd=module,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise SetupError(f"{package} of {module.name} could not be built:\n{process.stderr}")


def _base(client: docker.DockerClient, suite: str) -> str:
    """A small Debian as the base of images."""
    name = f"homeport-sandbox/base:{suite}-{_RECIPE}"
    if not _exists(client, name):
        with step(f"Sandbox base image, Debian {suite}", expect="once, about half a minute"):
            _bootstrap(suite, name)
    return name


def _bootstrap(suite: str, name: str) -> None:
    if shutil.which("debootstrap") is None or os.geteuid() != 0:
        raise SetupError(
            "making the sandbox's images needs debootstrap and root: apt-get install debootstrap"
        )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        _run(["debootstrap", "--variant=minbase", suite, str(root)], f"debootstrap {suite}")
        for path in _TRIM:
            shutil.rmtree(root / path, ignore_errors=True)
        (root / "var/cache/apt/archives/partial").mkdir(parents=True)
        (root / "var/lib/apt/lists/partial").mkdir(parents=True)
        # Trimming once is not enough: packages that are installed later bring their own.
        (root / "etc/dpkg/dpkg.cfg.d/sandbox").write_text(
            "".join(f"path-exclude=/{path}/*\n" for path in _TRIM[:4])
        )
        packed = Path(folder) / "root.tar"
        _run(["tar", "--create", "--file", str(packed), "--directory", str(root), "."], "packing")
        _run(["docker", "import", "--change", 'CMD ["/bin/bash"]', str(packed), name], "docker import")


def _run(command: list[str], what: str) -> None:
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise SetupError(f"{what} failed:\n{(process.stdout + process.stderr)[-2000:]}")
