"""What is said is pure: settings, their checks and the apps are values, and need no Pulumi."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PURE = (
    "stacks.settings",
    "stacks.consistency",
    "stacks.stack_file",
    "components.default_images",
    "components.workload",
    "components.cost",
    "components.budget",
    "components.dns.records",
    "components.mail_records",
    *(f"components.apps.{path.stem}" for path in (REPOSITORY / "components" / "apps").glob("[a-z]*.py")),
)


def test_settings_checks_apps_cost_and_memory_are_imported_without_pulumi() -> None:
    script = (
        f"import sys, {', '.join(PURE)};"
        "print(*sorted({n for n in sys.modules if n.split('.')[0].startswith(('pulumi', 'grpc'))}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    assert run.stdout.split() == []
