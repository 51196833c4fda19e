"""Docker's Python client, imported when something of it is first used.

It takes longer to import than all else of a provider's plugin, and a plugin that only compares settings with
the state, as in a preview, never uses it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker import APIClient, DockerClient, constants, errors, from_env, types, utils
else:

    def __getattr__(name: str) -> object:
        """What Docker's package has by that name."""
        return getattr(import_module("docker"), name)


__all__ = ["APIClient", "DockerClient", "constants", "errors", "from_env", "types", "utils"]
