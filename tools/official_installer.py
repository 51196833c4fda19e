"""Runs Pulumi's official installer: `python -m tools.official_installer ROOT`.

A process of its own, because the Automation API puts no time limit on the download; see tools/engine.py.
"""

from __future__ import annotations

import sys

from pulumi.automation import PulumiCommand

from tools.engine import sdk_version

if __name__ == "__main__":
    PulumiCommand.install(root=sys.argv[1], version=sdk_version())
