"""The volume of images that every sandbox's registry serves; filled once for each set of images."""

from __future__ import annotations

import hashlib
import time

import docker
from docker.errors import APIError, ImageNotFound, NotFound

from sandbox.images.build import built
from sandbox.images.catalogue import CLOUD, PUBLISHED
from tools.progress import SetupError, step

SHARED = {"homeport.sandbox.shared": "true"}
_SERVE = """
    sed '/tls:/,$d; s/:443/:5000/' /opt/cloud/registry.yml >/run/registry.yml
    exec docker-registry serve /run/registry.yml
"""
_PREFIX = "homeport-sandbox-registry"


def registry_volume(client: docker.DockerClient) -> str:
    """The name of the volume with the images as they are now; built and pushed where that is still to do."""
    images = {
        f"{repository}:{version}": built(client, source.of(version), version)
        for repository, (source, versions) in PUBLISHED.items()
        for version in versions
    }
    contents = sorted((name, client.images.get(local).id or "") for name, local in images.items())
    digest = hashlib.sha256(repr(contents).encode()).hexdigest()[:12]
    volume, stamp = f"{_PREFIX}-{digest}", f"homeport-sandbox/pushed:{digest}"
    if _is_there(client, volume, stamp):
        return volume
    with step("Sandbox registry: push the images", expect="once"):
        client.volumes.create(volume, labels=SHARED)
        _push(client, volume, images)
        # The stamp comes last: a push that was interrupted is done again.
        client.images.get(built(client, CLOUD)).tag(stamp)
    return volume


def _is_there(client: docker.DockerClient, volume: str, stamp: str) -> bool:
    try:
        client.volumes.get(volume)
        client.images.get(stamp)
    except (NotFound, ImageNotFound):
        return False
    return True


def _push(client: docker.DockerClient, volume: str, images: dict[str, str]) -> None:
    # Docker lets a registry on the loopback address do without TLS.
    registry = client.containers.run(
        built(client, CLOUD),
        [
            "sh",
            "-c",
            _SERVE,
        ],
        detach=True,
        healthcheck={"test": ["NONE"]},
        ports={"5000/tcp": ("127.0.0.1", None)},
        volumes={volume: {"bind": "/var/lib/registry", "mode": "rw"}},
        labels=SHARED,
    )
    try:
        registry.reload()
        port = registry.ports["5000/tcp"][0]["HostPort"]
        for name, local in images.items():
            repository, version = name.rsplit(":", 1)
            client.images.get(local).tag(f"127.0.0.1:{port}/{repository}", version)
            _push_one(client, f"127.0.0.1:{port}/{repository}", version)
            client.images.remove(f"127.0.0.1:{port}/{name}", noprune=True)
    finally:
        registry.remove(force=True, v=True)


def _push_one(client: docker.DockerClient, repository: str, version: str) -> None:
    problem: str | None = None
    for attempt in range(10):
        problem = None
        try:
            for line in client.images.push(repository, version, stream=True, decode=True):
                problem = line.get("error") or problem
        except APIError as error:
            problem = str(error)
        if problem is None:
            return
        # The registry may still be starting.
        time.sleep(0.3 * (attempt + 1))
    raise SetupError(f"pushing {repository}:{version} to the sandbox's registry failed: {problem}")
