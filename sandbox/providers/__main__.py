"""`python -m sandbox.providers <name> <version>`: serve one stand-in provider."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import sys
from types import ModuleType


def _without_sdk() -> None:
    """Make the SDK's packages empty ones that only lead to the protocol's messages in them.

    Their own `__init__` imports the whole SDK, half of the time that a plugin took to start.
    """
    for name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        found = importlib.util.find_spec(name)
        if found and found.submodule_search_locations:
            package = ModuleType(name)
            package.__path__ = list(found.submodule_search_locations)
            sys.modules[name] = package


def _without_asyncio() -> None:
    """Import gRPC without asyncio, half of its time, which a server with threads does not use.

    gRPC looks into asyncio only when its own part for that is used. Whoever else wants it gets the real one.
    """
    for name in ("asyncio", "grpc.aio"):
        sys.modules[name] = ModuleType(name)
    importlib.import_module("grpc")
    del sys.modules["asyncio"]


if __name__ == "__main__":
    # What is imported stays: it is not searched for garbage.
    gc.disable()
    _without_asyncio()
    _without_sdk()
    provider = importlib.import_module(f"sandbox.providers.{sys.argv[1]}_provider").PROVIDER
    serve = importlib.import_module("sandbox.providers.server").serve
    gc.freeze()
    gc.enable()
    serve(provider, sys.argv[2])
