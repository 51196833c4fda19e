"""A stack as the `pulumi` command tells it: its settings, its secrets and its outputs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stacks.settings import StackSettings, load, one_line

Run = Callable[[Sequence[str]], str]
"""Runs a command and returns what it prints. Raises `PulumiError` where it fails."""


class PulumiError(Exception):
    """The `pulumi` command failed. The text is what it said."""


def runner(program: str | Path, folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Runs `pulumi` in the project's folder, with more variables in its environment."""

    def run(arguments: Sequence[str]) -> str:
        done = subprocess.run(
            [str(program), *arguments, "--non-interactive"],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PulumiError(done.stderr.strip() or done.stdout.strip())
        return done.stdout

    return run


@dataclass(frozen=True)
class DeployedStack:
    """One stack. Secrets are plain text here, so nothing of it is printed as a whole."""

    settings: StackSettings
    secrets: Mapping[str, str]
    """By their names without namespace."""
    records: Sequence[str]
    """Lines of a zone file that its last update asked for; empty where there was none."""
    outputs: Mapping[str, object] = field(default_factory=dict)
    """Of its last update, secrets hidden."""

    @classmethod
    def read(cls, name: str, run: Run) -> DeployedStack:
        """Read one. Raises `PulumiError`, and `MistakesError` where its settings have mistakes."""
        entries: dict[str, dict[str, object]] = json.loads(
            run(["config", "--json", "--show-secrets", "--stack", name])
        )
        config = {key: str(entry.get("value", "")) for key, entry in entries.items()}
        secret_keys = [key for key, entry in entries.items() if entry.get("secret")]
        outputs: dict[str, object] = json.loads(run(["stack", "output", "--json", "--stack", name]))
        found = outputs.get("dnsRecords")
        sets = found if isinstance(found, list) else []
        return cls(
            # Of a stack with a long name, `organisation/project/stack`, the settings know the last part.
            settings=load(name.rpartition("/")[2], config, secret_keys),
            secrets={key.partition(":")[2]: one_line(config[key]) for key in secret_keys},
            records=[line for lines in sets for line in str(lines).splitlines()],
            outputs=outputs,
        )
