"""docker:index/remoteImage:RemoteImage and docker:index/image:Image, as pulumi-docker 5 treats them."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

from sandbox import docker_sdk as docker
from sandbox.providers.docker_connection import DockerConnection, connection
from sandbox.providers.resource import (
    Created,
    Failure,
    Properties,
    Property,
    ProviderError,
    ResourceType,
    Value,
)

_REPLACES = Property(replaces=True)
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_BUILD = ("context", "dockerfile", "args", "target", "platform", "builderVersion", "network")


def present_image(client: docker.APIClient, name: str) -> Mapping[str, Value]:
    """The image of this name or id; pulled only where it is not there yet. Raises `ProviderError`."""
    found = _find(client, name)
    if found is None:
        repository, tag = docker.utils.parse_repository_tag(name)
        try:
            # What goes wrong later in the stream is passed over, as the official provider does.
            for _ in client.pull(repository, tag=tag or "latest", stream=True):
                pass
        except docker.errors.DockerException as problem:
            raise ProviderError(f"unable to pull image {name}: {problem}") from None
        found = _find(client, name)
    if found is None:
        raise ProviderError(f"unable to find or pull image {name}")
    return found


def _find(client: docker.APIClient, name: str) -> Mapping[str, Value] | None:
    try:
        found: Mapping[str, Value] = client.inspect_image(name)
    except docker.errors.ImageNotFound:
        return None
    return found


class _Image(ResourceType):
    """An image of one Docker engine."""

    _connection: DockerConnection

    def configure(self, config: Properties, cancelled: Event) -> None:
        self._connection = connection(config)


class RemoteImage(_Image):
    """An image that is on the engine; pulled only where it is not there yet."""

    token = "docker:index/remoteImage:RemoteImage"  # noqa: S105
    properties = {
        "name": Property(required=True, replaces=True),
        "keepLocally": Property(),
        "forceRemove": Property(),
        "platform": _REPLACES,
        "pullTriggers": _REPLACES,
        "triggers": _REPLACES,
    }

    def create(self, inputs: Properties) -> Created:
        found = self._present(inputs)
        return Created(f"{found['Id']}{inputs['name']}", _outputs(inputs, found))

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = _find(self._connection.client(), str(state["name"]))
        return Created(f"{found['Id']}{state['name']}", _outputs(state, found)) if found else None

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        return Created(identifier, _outputs(inputs, self._present(inputs)))

    def delete(self, identifier: str, state: Properties) -> None:
        if state.get("keepLocally"):
            return
        try:
            self._connection.client().remove_image(str(state["name"]), force=state.get("forceRemove") is True)
        except docker.errors.ImageNotFound:
            return
        except docker.errors.APIError as problem:
            raise ProviderError(f"Unable to remove Docker image: {problem.explanation}") from None

    def _present(self, inputs: Properties) -> Mapping[str, Value]:
        try:
            return present_image(self._connection.client(), str(inputs["name"]))
        except ProviderError as problem:
            raise ProviderError(f"Unable to read Docker image into resource: {problem}") from None


def _outputs(inputs: Properties, found: Mapping[str, Value]) -> Properties:
    digests = found.get("RepoDigests")
    digest = digests[0] if isinstance(digests, Sequence) and digests else ""
    return {**inputs, "imageId": found["Id"], "repoDigest": digest}


class Image(_Image):
    """An image built on the engine from a folder of this computer; every change builds it again in place."""

    token = "docker:index/image:Image"  # noqa: S105
    properties = {
        "imageName": Property(required=True),
        "skipPush": Property(),
        "buildOnPreview": Property(),
        "registry": Property(),
        "build": Property(fields={name: Property() for name in _BUILD}),
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        context, dockerfile = _paths(inputs)
        if not dockerfile.exists():
            return [Failure("build.dockerfile", f"could not open dockerfile at relative path {dockerfile}")]
        return [] if context.is_dir() else [Failure("build.context", f"{context} is no folder")]

    def completed(self, inputs: Properties) -> Properties:
        """This computer's platform, not the engine's; and a digest, so that other files build again."""
        context, dockerfile = _paths(inputs)
        build = _build(inputs)
        here = f"linux/{_ARCHITECTURES.get(platform.machine(), platform.machine())}"
        return {
            "build": {
                **build,
                "context": str(context),
                "contextDigest": _digest(context, dockerfile),
                "dockerfile": str(dockerfile),
                "platform": here if build.get("platform") is None else build["platform"],
            }
        }

    def create(self, inputs: Properties) -> Created:
        if inputs.get("skipPush") is not True:
            raise ProviderError("the sandbox has no registry to push to: set skipPush")
        name, build = str(inputs["imageName"]), _build(inputs)
        context, dockerfile = _paths(inputs)
        arguments = build.get("args")
        client = self._connection.client()
        try:
            lines = client.build(
                path=str(context),
                dockerfile=str(dockerfile.absolute()),
                buildargs=dict(arguments) if isinstance(arguments, Mapping) else None,
                target=build.get("target") or "",
                platform=build.get("platform") or None,
                network_mode=build.get("network"),
                tag=name,
                rm=True,
                decode=True,
            )
            for line in lines:
                if problem := line.get("error"):
                    raise ProviderError(f"error reading build output: {problem}")
            built = client.inspect_image(name)
        except docker.errors.DockerException as problem:
            raise ProviderError(f"error building image: {problem}") from None
        outputs: dict[str, Value] = {
            **inputs,
            "baseImageName": name,
            "context": str(build.get("context") or "."),
            "dockerfile": os.path.relpath(dockerfile, context),
            "platform": str(build.get("platform") or ""),
            "registryServer": "",
            "repoDigest": built["Id"],
        }
        return Created(name, outputs)

    def read(self, identifier: str, state: Properties) -> Created:
        # The official one does not look either: what it built stays in its state until the inputs change.
        return Created(identifier, state)

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        return Created(identifier, self.create(inputs).outputs)

    def delete(self, identifier: str, state: Properties) -> None:
        """The official provider leaves built images where they are."""


def _build(inputs: Properties) -> Mapping[str, Value]:
    build = inputs.get("build")
    return build if isinstance(build, Mapping) else {}


def _paths(inputs: Properties) -> tuple[Path, Path]:
    """The folder and the Dockerfile, which is not relative to the folder but to the program's."""
    build = _build(inputs)
    context = Path(str(build.get("context") or "."))
    return context, Path(str(build.get("dockerfile") or context / "Dockerfile"))


def _digest(context: Path, dockerfile: Path) -> str:
    """Changes with the name, the mode and the content of every file that a build would see."""
    ignored = context / ".dockerignore"
    patterns = ignored.read_text().split("\n") if ignored.exists() else []
    total = hashlib.sha256(dockerfile.read_bytes())
    for name in sorted(docker.utils.exclude_paths(str(context), patterns)):
        path = context / name
        if path.is_file():
            total.update(
                f"{name} {path.stat().st_mode} ".encode() + hashlib.sha256(path.read_bytes()).digest()
            )
    return total.hexdigest()
