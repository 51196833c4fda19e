"""Resources that are only records in the cloud: what was asked for is what is there."""

from __future__ import annotations

import os
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from sandbox.cloud import Cloud, Entry
from sandbox.providers.resource import Created, Properties, ProviderError, ResourceType


def sandbox_directory() -> Path:
    """The folder of the sandbox that this provider belongs to."""
    directory = os.environ.get("HOMEPORT_SANDBOX")
    if not directory:
        raise ProviderError("HOMEPORT_SANDBOX does not name a sandbox's folder")
    return Path(directory)


def cloud() -> Cloud:
    """The records of that sandbox."""
    return Cloud(sandbox_directory())


def entry(properties: Properties) -> Entry:
    """Properties as a record."""
    return dict(properties)  # type: ignore[arg-type]  # sequences of messages are lists already


class Recorded(ResourceType):
    """A record of one kind, named by its `name`."""

    kind: ClassVar[str]

    def record_name(self, inputs: Properties) -> str:
        """What names the record within its kind."""
        return str(inputs["name"])

    @abstractmethod
    def outputs(self, inputs: Properties) -> Properties:
        """What the cloud adds to the inputs."""

    def identifier(self, inputs: Properties) -> str:
        """The resource's id."""
        return str(self.outputs(inputs).get("selfLink") or self.record_name(inputs))

    def create(self, inputs: Properties) -> Created:
        name = self.record_name(inputs)
        with cloud().changing() as kinds:
            if name in kinds.get(self.kind, {}):
                raise ProviderError(
                    f"Error creating {self.kind}: googleapi: Error 409: The resource '{name}' already exists"
                )
            kinds.setdefault(self.kind, {})[name] = entry(inputs)
        return Created(self.identifier(inputs), {**inputs, **self.outputs(inputs)})

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = cloud().get(self.kind, self.record_name(state))
        if found is None:
            return None
        return Created(identifier, {**state, **found, **self.outputs({**state, **found})})

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        cloud().put(self.kind, self.record_name(inputs), entry(inputs))
        return Created(identifier, {**inputs, **self.outputs(inputs)})

    def delete(self, identifier: str, state: Properties) -> None:
        cloud().remove(self.kind, self.record_name(state))
