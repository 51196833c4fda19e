"""Resources without the classes of their SDK, for those SDKs that take long to import.

Such an SDK imports all of its modules at once, and there is no way to import it in parts. So the type
checker reads the SDK's own classes, and at run time the same names are thin ones that ask the engine for the
very same: tests compare their requests with those of the SDK's classes.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import ClassVar

from pulumi import CustomResource, Input, Output, ResourceOptions


class ThinResource(CustomResource):
    """A resource whose inputs and outputs have names in Python's form here, and in the provider's outside."""

    token: ClassVar[str]
    outputs: ClassVar[tuple[str, ...]]
    options: ClassVar[ResourceOptions]
    defaults: ClassVar[dict[str, Input[object]]]

    def __init__(
        self, resource_name: str, *, opts: ResourceOptions | None = None, **inputs: Input[object]
    ) -> None:
        options = ResourceOptions.merge(sdk_options(self.token.partition(":")[0]), opts)
        options = ResourceOptions.merge(options, self.options)
        properties = {**dict.fromkeys(self.outputs), **self.defaults, **part(**inputs)}
        super().__init__(self.token, resource_name, properties, options)

    def __getattr__(self, name: str) -> Output[object]:
        """An input or output by its name in Python's form."""
        try:
            found: Output[object] = self.__dict__[_camel(name)]
        except KeyError:
            raise AttributeError(f"{name} is no input of this and not among its outputs here") from None
        return found


def thin_resource(
    token: str,
    *outputs: str,
    secret: tuple[str, ...] = (),
    options: ResourceOptions | None = None,
    defaults: dict[str, Input[object]] | None = None,
) -> type[ThinResource]:
    """A class for one kind of resource.

    Args:
        token: Its type, such as `docker:index/network:Network`.
        outputs: What is read besides inputs, in the provider's form.
        secret: Outputs that the SDK keeps secret.
        options: What else the SDK's class adds to the options.
        defaults: Inputs that the SDK's class sets where they are not given, in the provider's form.
    """
    members = {
        "token": token,
        "outputs": outputs,
        "options": options or ResourceOptions(additional_secret_outputs=list(secret) or None),
        "defaults": defaults or {},
    }
    return type(token.rpartition(":")[2], (ThinResource,), members)


def part(**values: Input[object]) -> dict[str, Input[object]]:
    """Inputs of a resource, or of a part of one."""
    return {_camel(name): value for name, value in values.items() if value is not None}


@cache
def sdk_options(package: str) -> ResourceOptions:
    """What the SDK adds to each resource's options: its version, and so that of the provider."""
    return ResourceOptions(version=version(f"pulumi-{package}"))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
