"""pulumi-docker: networks, volumes, images and containers of one Docker engine."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event

from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from sandbox.providers.docker_connection import DockerConnection, connection
from sandbox.providers.docker_container import Container
from sandbox.providers.resource import (
    Created,
    Properties,
    Property,
    Provider,
    ProviderError,
    ResourceType,
    Value,
)

_REPLACES = Property(replaces=True)
_LABELS = Property(replaces=True, fields={"label": Property(required=True), "value": Property(required=True)})


class _Object(ResourceType):
    """What lives in one Docker engine."""

    _connection: DockerConnection

    def configure(self, config: Properties, cancelled: Event) -> None:
        self._connection = connection(config)


class Network(_Object):
    """A network; every change replaces it."""

    token = "docker:index/network:Network"  # noqa: S105
    properties = {
        "name": Property(replaces=True, auto_named=True),
        "driver": Property(replaces=True, default="bridge"),
        "internal": _REPLACES,
        "attachable": _REPLACES,
        "ipv6": _REPLACES,
        "options": _REPLACES,
        "labels": _LABELS,
    }

    def create(self, inputs: Properties) -> Created:
        client = self._connection.client()
        options = inputs.get("options")
        try:
            made = client.create_network(
                str(inputs["name"]),
                driver=str(inputs["driver"]),
                internal=inputs.get("internal") is True,
                attachable=inputs.get("attachable") is True or None,
                options=dict(options) if isinstance(options, Mapping) else None,
                labels=_labels(inputs.get("labels")),
                check_duplicate=True,
            )
        except APIError as problem:
            raise ProviderError(f"Unable to create network: {problem.explanation}") from None
        return Created(str(made["Id"]), {**inputs, "scope": "local"})

    def read(self, identifier: str, state: Properties) -> Created | None:
        try:
            found = self._connection.client().inspect_network(identifier)
        except NotFound:
            return None
        return Created(
            identifier,
            {
                **state,
                "name": found["Name"],
                "driver": found["Driver"],
                "internal": found["Internal"],
                "scope": found["Scope"],
            },
        )

    def delete(self, identifier: str, state: Properties) -> None:
        try:
            self._connection.client().remove_network(identifier)
        except NotFound:
            return
        except APIError as problem:
            raise ProviderError(f"Unable to remove network: {problem.explanation}") from None


class Volume(_Object):
    """A named volume; every change replaces it."""

    token = "docker:index/volume:Volume"  # noqa: S105
    properties = {
        "name": Property(replaces=True, auto_named=True),
        "driver": _REPLACES,
        "driverOpts": _REPLACES,
        "labels": _LABELS,
    }

    def create(self, inputs: Properties) -> Created:
        options = inputs.get("driverOpts")
        made = self._connection.client().create_volume(
            name=str(inputs["name"]),
            driver=str(inputs["driver"]) if inputs.get("driver") else None,
            driver_opts=dict(options) if isinstance(options, Mapping) else None,
            labels=_labels(inputs.get("labels")),
        )
        name = str(made["Name"])
        return Created(name, {**inputs, "driver": made["Driver"], "mountpoint": made["Mountpoint"]})

    def read(self, identifier: str, state: Properties) -> Created | None:
        try:
            found = self._connection.client().inspect_volume(identifier)
        except NotFound:
            return None
        return Created(identifier, {**state, "driver": found["Driver"], "mountpoint": found["Mountpoint"]})

    def delete(self, identifier: str, state: Properties) -> None:
        try:
            self._connection.client().remove_volume(identifier)
        except NotFound:
            return
        except APIError as problem:
            raise ProviderError(f"Error deleting Docker volume: {problem.explanation}") from None


class RemoteImage(_Object):
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
        name = str(inputs["name"])
        found = self._find(name) or self._pull(name)
        return Created(f"{found['Id']}{name}", self._outputs(inputs, found))

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = self._find(str(state["name"]))
        return Created(identifier, self._outputs(state, found)) if found else None

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        found = self._find(str(inputs["name"])) or self._pull(str(inputs["name"]))
        return Created(identifier, self._outputs(inputs, found))

    def delete(self, identifier: str, state: Properties) -> None:
        if state.get("keepLocally"):
            return
        try:
            self._connection.client().remove_image(
                str(state["imageId"]), force=state.get("forceRemove") is True
            )
        except ImageNotFound:
            return
        except APIError as problem:
            raise ProviderError(f"Unable to remove image: {problem.explanation}") from None

    def _find(self, name: str) -> Mapping[str, Value] | None:
        try:
            found: Mapping[str, Value] = self._connection.client().inspect_image(name)
        except ImageNotFound:
            return None
        return found

    def _pull(self, name: str) -> Mapping[str, Value]:
        client = self._connection.client()
        repository, _, tag = name.rpartition(":")
        try:
            for line in client.pull(
                repository or name, tag=tag if repository else "latest", stream=True, decode=True
            ):
                if problem := line.get("error"):
                    raise ProviderError(f"Unable to read Docker image {name}: {problem}")
        except DockerException as problem:
            raise ProviderError(f"error pulling image {name}: {problem}") from None
        found = self._find(name)
        if found is None:
            raise ProviderError(f"Unable to find or pull image {name}")
        return found

    def _outputs(self, inputs: Properties, found: Mapping[str, Value]) -> Properties:
        digests = found.get("RepoDigests")
        digest = digests[0] if isinstance(digests, list) and digests else ""
        return {**inputs, "imageId": found["Id"], "repoDigest": digest}


class Image(_Object):
    """An image built on the engine from a folder of this computer."""

    token = "docker:index/image:Image"  # noqa: S105
    properties = {
        "imageName": Property(required=True, replaces=True),
        "skipPush": Property(),
        "buildOnPreview": Property(),
        "registry": Property(),
        "build": Property(
            fields={
                name: Property()
                for name in (
                    "context",
                    "dockerfile",
                    "args",
                    "target",
                    "platform",
                    "builderVersion",
                    "network",
                )
            }
        ),
    }

    def create(self, inputs: Properties) -> Created:
        if inputs.get("skipPush") is not True:
            raise ProviderError("the sandbox has no registry to push to: set skipPush")
        name, build = str(inputs["imageName"]), inputs.get("build")
        build = build if isinstance(build, Mapping) else {}
        arguments = build.get("args")
        log: list[str] = []
        lines = self._connection.client().build(
            path=str(build.get("context") or "."),
            dockerfile=build.get("dockerfile"),
            buildargs=dict(arguments) if isinstance(arguments, Mapping) else None,
            target=build.get("target") or "",
            tag=name,
            rm=True,
            decode=True,
        )
        for line in lines:
            log.append(str(line.get("stream") or line.get("status") or ""))
            if problem := line.get("error"):
                raise ProviderError(f"building {name} failed: {problem}\n{''.join(log[-20:])}")
        return Created(name, {**inputs, "baseImageName": name.rpartition(":")[0], "registryServer": ""})

    def read(self, identifier: str, state: Properties) -> Created:
        # The official one does not look either: what it built stays in its state until the inputs change.
        return Created(identifier, state)

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        return self.create(inputs)

    def delete(self, identifier: str, state: Properties) -> None:
        """The official provider leaves built images where they are."""


def _labels(value: Value) -> dict[str, str]:
    if not isinstance(value, list):
        return {}
    return {str(item["label"]): str(item["value"]) for item in value if isinstance(item, Mapping)}


PROVIDER = Provider(
    "docker",
    [Network, Volume, RemoteImage, Image, Container],
    configuration={
        name: Property() for name in ("host", "sshOpts", "registryAuth", "context", "certPath", "caMaterial")
    },
)
