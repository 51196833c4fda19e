"""A stack's file, read without the engine: no account, no passphrase, secrets stay encrypted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import yaml

FOLDER = Path(__file__).parent

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


class NoSuchStackError(Exception):
    """There is no stack file of that name."""


def stack_folder(project: Path) -> Path:
    """The folder of a project's stack files: `stackConfigDir` of its Pulumi.yaml, else the project's own."""
    file = project / "Pulumi.yaml"
    said = (yaml.safe_load(file.read_text()) or {}).get("stackConfigDir") if file.is_file() else None
    return project / str(said or ".")


@dataclass(frozen=True)
class StackFile:
    """What `Pulumi.<stack>.yaml` says."""

    values: Mapping[str, Json]
    """Whole keys, such as `homeport:host`."""
    encrypted: tuple[str, ...]
    """The keys whose values are secret."""

    @classmethod
    def read(cls, stack: str, folder: Path = FOLDER) -> StackFile:
        """Read the file of a stack. Raises `NoSuchStackError`."""
        file = folder / f"Pulumi.{stack}.yaml"
        if not file.is_file():
            there = ", ".join(sorted(path.name.split(".")[1] for path in folder.glob("Pulumi.*.yaml")))
            raise NoSuchStackError(f"There is no {file.name} in {folder.name}/; there is: {there}")
        config: dict[str, Json] = (yaml.safe_load(file.read_text()) or {}).get("config") or {}
        encrypted = (key for key, value in config.items() if isinstance(value, dict) and "secure" in value)
        return cls(config, tuple(encrypted))

    @property
    def texts(self) -> dict[str, str]:
        """Each value as the engine hands it over: a text as it is, anything else as JSON."""
        return {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in self.values.items()
        }
