"""Builds the sandbox's images, each named after the hash of what it is made from: nothing is built twice."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox import docker_sdk as docker
from sandbox.images.catalogue import ImageSource
from sandbox.images.debian import base, base_name
from tools.cache import cache_directory, locked
from tools.go import find_go
from tools.progress import SetupError, step

_FOLDER = Path(__file__).parent
_AT_ONCE = 2
"""How many images are built at the same time."""
_LEFT_OUT = {"__pycache__", ".mypy_cache", ".ruff_cache"}
"""What tools leave in the folders, and no image is made from."""
_RECIPE = "2"
"""Changed by hand when the way of building changes."""


def local_name(source: ImageSource, version: str | None = None) -> str:
    """The name that an image has on this computer once it is built: it tells what the image is made from."""
    return f"homeport-sandbox/{source.folder}:{_hash(source, _arguments(source, version))}"


def built(client: docker.DockerClient, source: ImageSource, version: str | None = None) -> str:
    """The local name of an image, built if it is not there yet; one process builds, others wait for it."""
    name = local_name(source, version)
    if _exists(client, name):
        return name
    # Before the lock: while one process has a base made, another can build on one that is there.
    arguments = dict(_arguments(source, version))
    if source.suite:
        arguments["BASE"] = base(client, source.suite)
    with locked(cache_directory() / "locks" / name.replace("/", "-")):
        if not _exists(client, name):
            _build(client, source, name, arguments, title(source, version))
    return name


def all_built(client: docker.DockerClient, wanted: Sequence[tuple[ImageSource, str | None]]) -> list[str]:
    """The local names of several images and versions; what is not there yet is built, two at a time."""
    problems: list[Exception] = []
    free = threading.Semaphore(_AT_ONCE)

    def build(source: ImageSource, version: str | None) -> None:
        with free:
            try:
                built(client, source, version)
            except (SetupError, docker.errors.DockerException, OSError) as problem:
                problems.append(problem)

    # Ctrl-C ends this process at once: these threads are not waited for.
    threads = [threading.Thread(target=build, args=one, daemon=True) for one in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return [local_name(*one) for one in wanted]


def title(source: ImageSource, version: str | None = None) -> str:
    """What an image is called in progress and messages."""
    return f"{source.folder} {version}" if version and source.per_version else source.folder


def _build(
    client: docker.DockerClient, source: ImageSource, name: str, arguments: dict[str, str], label: str
) -> None:
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
        module = _FOLDER / source.folder / _versioned(source.module, arguments)
        variables = {name: _versioned(value, arguments) for name, value in source.variables.items()}
        for target, package in source.programs.items():
            _compile(module, package, Path(context) / target, variables)
        try:
            client.images.build(
                path=context,
                dockerfile=source.dockerfile,
                tag=name,
                buildargs=arguments,
                network_mode="host",
                rm=True,
                forcerm=True,
                labels={"homeport.sandbox.shared": "true"},
            )
        except docker.errors.BuildError as problem:
            log = "".join(str(line.get("stream", "")) for line in problem.build_log)
            raise SetupError(
                f"the sandbox image {label} could not be built: {problem}\n{log[-3000:]}"
            ) from None
        except docker.errors.APIError as problem:
            raise SetupError(f"Docker did not build the sandbox image {label}: {problem}") from None


def _arguments(source: ImageSource, version: str | None) -> Mapping[str, str]:
    return {**source.arguments, **({"VERSION": version} if version and source.per_version else {})}


def _hash(source: ImageSource, arguments: Mapping[str, str]) -> str:
    digest = hashlib.sha256(_RECIPE.encode())
    base_image = source.suite and base_name(source.suite)
    recipe = [base_image, source.dockerfile, source.folders, sorted(source.programs.items())]
    if source.module or source.variables:
        recipe += [source.module, sorted(source.variables.items())]
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
    except docker.errors.ImageNotFound:
        return False
    return True


def _versioned(text: str, arguments: Mapping[str, str]) -> str:
    return text.format(version=arguments.get("VERSION", ""))


def _compile(module: Path, package: str, target: Path, variables: Mapping[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    flags = " ".join(["-s -w", *(f"-X {name}={value}" for name, value in variables.items())])
    process = subprocess.run(
        [str(find_go()), "build", "-trimpath", "-ldflags", flags, "-o", str(target), package],
        cwd=module,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise SetupError(f"{package} of {module.name} could not be built:\n{process.stderr}")
