"""`python -m sandbox.providers <name> <version>`: serve one stand-in provider."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType


def _without_sdk() -> None:
    """Make the SDK's packages empty ones that only lead to the protocol's messages in them.

    Their own `__init__` imports the whole SDK, half of the time that a plugin took to start. Nor is gRPC's
    side for asyncio needed by a server with threads.
    """
    sys.modules["grpc.aio"] = ModuleType("grpc.aio")
    for name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        found = importlib.util.find_spec(name)
        if found and found.submodule_search_locations:
            package = ModuleType(name)
            package.__path__ = list(found.submodule_search_locations)
            sys.modules[name] = package


if __name__ == "__main__":
    _without_sdk()
    provider = importlib.import_module(f"sandbox.providers.{sys.argv[1]}_provider").PROVIDER
    importlib.import_module("sandbox.providers.server").serve(provider, sys.argv[2])
