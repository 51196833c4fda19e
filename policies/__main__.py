"""The policy pack, as the engine starts it. It serves until the engine ends it."""

from __future__ import annotations

import sys
from pathlib import Path

# The engine runs this folder, and Python then looks for modules in it; the rules are a package beside it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pulumi_policy import PolicyPack  # noqa: E402

from policies.rules import RULES  # noqa: E402
from policies.secrecy import keep_secrecy  # noqa: E402

keep_secrecy()
PolicyPack("homeport", [rule.policy() for rule in RULES])
