"""What a stack's state says about containers, read from `pulumi stack export`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field

EDGE = "edge"
"""Stands in place of an app's name for nginx and what helps it."""

_CONTAINER = "docker:index/container:Container"
_IMAGES = {"docker:index/remoteImage:RemoteImage": "name", "docker:index/image:Image": "imageName"}
"""Type of an image -> the property that names it."""
_RANDOM_ID = "random:index/randomId:RandomId"


class _Label(BaseModel):
    label: str
    value: str


class _Inputs(BaseModel):
    name: str | None = None
    # What may be secret is an object then; no label of ours is.
    labels: list[_Label] = []


class _Resource(BaseModel):
    urn: str
    type: str
    id: str = ""
    delete: bool = False
    created: datetime | None = None
    inputs: Mapping[str, object] = {}
    outputs: Mapping[str, object] = {}


class _Deployment(BaseModel):
    resources: list[_Resource] = []
    pending_operations: list[object] = []


class _Export(BaseModel):
    deployment: _Deployment = Field(default_factory=_Deployment)


@dataclass(frozen=True)
class RecordedContainer:
    """A container that Pulumi made."""

    id: str
    name: str
    app: str
    service: str
    leaving: bool = False
    """Its successor was made, and the update ended before it was deleted."""


@dataclass(frozen=True)
class RecordedState:
    """A stack's containers, and what tells them from those of other stacks."""

    deployment: str
    """Value of their label; empty where nothing was deployed."""
    since: datetime | None
    """When the stack was deployed first."""
    containers: tuple[RecordedContainer, ...]
    images: tuple[str, ...]
    """References of the images that were pulled or built for them."""
    pending: int
    """Resources that were being changed when an update was killed."""

    @classmethod
    def parse(cls, exported: str) -> RecordedState:
        """Read what `pulumi stack export` printed."""
        deployment = _Export.model_validate_json(exported).deployment
        ids = [
            resource
            for resource in deployment.resources
            if resource.type == _RANDOM_ID and resource.urn.endswith("-deployment")
        ]
        return cls(
            deployment=str(ids[0].outputs.get("hex", "")) if ids else "",
            since=ids[0].created if ids else None,
            containers=tuple(
                _container(resource) for resource in deployment.resources if resource.type == _CONTAINER
            ),
            images=tuple(filter(None, map(_image, deployment.resources))),
            pending=len(deployment.pending_operations),
        )


def _image(resource: _Resource) -> str:
    """The reference of a resource that is an image and stays; nothing for any other."""
    name = resource.inputs.get(_IMAGES.get(resource.type, ""))
    return name if isinstance(name, str) and not resource.delete else ""


def _container(resource: _Resource) -> RecordedContainer:
    inputs = _Inputs.model_validate(resource.inputs)
    labels = {label.label: label.value for label in inputs.labels}
    name = resource.urn.rpartition("::")[2]
    return RecordedContainer(
        id=resource.id,
        name=inputs.name or name,
        app=app_name(labels, otherwise=EDGE),
        service=service_name(labels, name),
        leaving=resource.delete,
    )


def service_name(labels: Mapping[str, str], otherwise: str) -> str:
    """The service's name by a container's labels, of an app or of the edge."""
    return labels.get("homeport.service") or labels.get("homeport.role") or otherwise


def app_name(labels: Mapping[str, str], otherwise: str) -> str:
    """The app's name by a container's labels, `EDGE` for those of the edge."""
    return labels.get("homeport.app") or (EDGE if "homeport.role" in labels else otherwise)
