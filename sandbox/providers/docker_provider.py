"""pulumi-docker: networks, volumes, images and containers of one Docker engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Event

from sandbox import docker_sdk as docker
from sandbox.providers.docker_connection import DockerConnection, connection
from sandbox.providers.docker_container import Container
from sandbox.providers.docker_image import Image, RemoteImage
from sandbox.providers.resource import (
    Created,
    Properties,
    Property,
    Provider,
    ProviderError,
    ResourceType,
    Value,
)

_IN_USE_SECONDS = 30.0
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
        except docker.errors.APIError as problem:
            raise ProviderError(f"Unable to create network: {problem.explanation}") from None
        return Created(str(made["Id"]), {**inputs, "scope": "local"})

    def read(self, identifier: str, state: Properties) -> Created | None:
        try:
            found = self._connection.client().inspect_network(identifier)
        except docker.errors.NotFound:
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
        client = self._connection.client()
        _until_free(lambda: client.remove_network(identifier), "has active endpoints")


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
        client = self._connection.client()
        try:
            made = client.create_volume(
                name=str(inputs["name"]),
                driver=str(inputs["driver"]) if inputs.get("driver") else None,
                driver_opts=dict(options) if isinstance(options, Mapping) else None,
                labels=_labels(inputs.get("labels")),
            )
        except docker.errors.APIError as problem:
            raise ProviderError(f"Unable to create volume: {problem.explanation}") from None
        name = str(made["Name"])
        return Created(name, {**inputs, "driver": made["Driver"], "mountpoint": made["Mountpoint"]})

    def read(self, identifier: str, state: Properties) -> Created | None:
        try:
            found = self._connection.client().inspect_volume(identifier)
        except docker.errors.NotFound:
            return None
        return Created(identifier, {**state, "driver": found["Driver"], "mountpoint": found["Mountpoint"]})

    def delete(self, identifier: str, state: Properties) -> None:
        client = self._connection.client()
        _until_free(lambda: client.remove_volume(identifier, force=True), "volume is in use")


def _until_free(remove: Callable[[], object], in_use: str) -> None:
    """Remove a network or volume; one that is in use is tried again for a while. One that is gone is fine."""
    deadline = time.monotonic() + _IN_USE_SECONDS
    while True:
        try:
            remove()
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as problem:
            if in_use not in str(problem.explanation) or time.monotonic() > deadline:
                raise ProviderError(str(problem.explanation)) from None
            time.sleep(1)
        else:
            return


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
