"""What a stand-in provider is made of: resource types and functions, free of gRPC.

A resource type declares every input property it knows. `server.py` refuses any
other property, so a program that uses something the stand-in does not imitate
fails instead of passing silently.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import ClassVar, TypeAlias

Value: TypeAlias = "None | bool | int | float | str | Sequence[Value] | Mapping[str, Value]"
Properties: TypeAlias = Mapping[str, Value]


class ProviderError(Exception):
    """The request cannot be done. The text is shown to the user as the resource's error."""


class PartlyCreated(Exception):
    """The object exists but did not become usable; the engine keeps it in the state as tainted."""

    def __init__(self, created: Created, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.created = created
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class Property:
    """One input property, as the official provider's schema describes it (camelCase name)."""

    required: bool = False
    replaces: bool = False
    """A change of this property replaces the resource; without it, it updates in place."""
    shrinking_replaces: bool = False
    """A smaller number replaces the resource; a larger one updates in place."""
    default: Value = None
    secret: bool = False
    """The value is secret in inputs and outputs even where the program did not say so."""
    computed: bool = False
    """Left out, it is what the world has, and so an output: to say just that is no change."""
    auto_named: bool = False
    """Left out, the provider fills in the logical name and seven random hexadecimal digits."""
    fields: Mapping[str, Property] | None = None
    """For an object, or a list of objects: the properties each may have."""


@dataclass(frozen=True)
class Failure:
    """An input that the provider refuses: the property's path and what is wrong with it."""

    property: str
    reason: str


@dataclass(frozen=True)
class Created:
    """What a resource is after it was created, read or updated."""

    id: str
    outputs: Properties


class ResourceType(ABC):
    """One resource type. Methods get plain values: secrets are unwrapped, unknowns never arrive."""

    token: ClassVar[str]
    properties: ClassVar[Mapping[str, Property]]
    delete_before_replace: ClassVar[bool] = False
    secret_outputs: ClassVar[frozenset[str]] = frozenset()
    """Outputs that are no inputs and hold secrets."""

    def configure(self, config: Properties, cancelled: Event) -> None:  # noqa: B027  optional
        """The provider's configuration, and the event that says that the engine wants no more."""

    def check(self, inputs: Properties) -> Sequence[Failure]:
        """Further checks on the whole inputs; called only where none of them is unknown."""
        return ()

    def completed(self, inputs: Properties) -> Properties:
        """Inputs that the provider sets beside or in place of the program's; called after `check`."""
        return {}

    @abstractmethod
    def create(self, inputs: Properties) -> Created:
        """Create it. Raise `PartlyCreated` where something exists that must be deleted later."""

    @abstractmethod
    def read(self, identifier: str, state: Properties) -> Created | None:
        """What it is now in the world; None where it is gone."""

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        """Change it in place. Called only where no changed property `replaces`."""
        raise ProviderError(f"{self.token} cannot be changed in place")

    @abstractmethod
    def delete(self, identifier: str, state: Properties) -> None:
        """Delete it. Deleting what is already gone succeeds."""

    def import_inputs(self, created: Created) -> Properties:
        """The inputs that would produce this object: after a refresh the engine compares these."""
        return {key: value for key, value in created.outputs.items() if key in self.properties}


class Function(ABC):
    """One invoke (data source or run-once function)."""

    token: ClassVar[str]
    properties: ClassVar[Mapping[str, Property]]
    secret_outputs: ClassVar[frozenset[str]] = frozenset()

    def configure(self, config: Properties, cancelled: Event) -> None:  # noqa: B027  optional
        """The provider's configuration, and the event that says that the engine wants no more."""

    @abstractmethod
    def invoke(self, arguments: Properties) -> Properties:
        """Answer it. Raise `ProviderError` where there is no answer."""


@dataclass(frozen=True)
class Provider:
    """One plugin: its name (docker), its types, and what its configuration may hold."""

    name: str
    resources: Sequence[type[ResourceType]]
    functions: Sequence[type[Function]] = ()
    configuration: Mapping[str, Property] = field(default_factory=dict)
    admits: Callable[[str], None] = lambda _token: None
    """Called with the token of a type or function before the world is asked or changed by it. Raises
    `ProviderError` where the service behind it is off."""
