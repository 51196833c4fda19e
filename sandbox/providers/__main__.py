"""`python -m sandbox.providers <name> <version>`: serve one stand-in provider."""

from __future__ import annotations

import importlib
import sys

from sandbox.providers.server import serve

if __name__ == "__main__":
    module = importlib.import_module(f"sandbox.providers.{sys.argv[1]}_provider")
    serve(module.PROVIDER, sys.argv[2])
