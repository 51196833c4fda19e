"""A stack's configuration as the engine hands it over: text by key, objects and lists as JSON."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias, cast

import pytest
import yaml

from stacks.mistakes import Mistake, MistakesError
from stacks.settings import StackSettings, load

STACKS: Final = Path(__file__).parents[3] / "stacks"

Value: TypeAlias = "str | int | float | bool | None | list[Value] | dict[str, Value]"
"""What YAML can say."""

MAIL: Final[dict[str, Value]] = {
    "host": "smtp.example.com",
    "user": "chat",
    "fromAddress": "chat@example.com",
}
"""A valid section `mail`; it needs the secret `mailPassword`."""

S3: Final[dict[str, Value]] = {"kind": "s3", "bucket": "files", "accessKey": "AKIA"}
"""A valid `storage` of an app; it needs the secret `mattermostStorageSecretKey`."""


class Configuration:
    """One stack's configuration, to be changed at a path and then loaded."""

    def __init__(self, stack: str, values: Mapping[str, Value]) -> None:
        self.stack = stack
        self._values = dict(values)
        self._texts: dict[str, str] = {}
        self._secrets: set[str] = set()

    def set(self, path: str, value: Value) -> Configuration:
        """Put a copy of a value at a path such as `homeport:apps[0].hostname`."""
        value = copy.deepcopy(value)
        *parents, last = _parts(path)
        container = self._container(parents)
        if isinstance(container, list):
            container[int(last)] = value
        else:
            container[last] = value
        return self

    def remove(self, path: str) -> Configuration:
        """Take a key out, at the top level or inside an object."""
        *parents, last = _parts(path)
        container = self._container(parents)
        assert isinstance(container, dict), f"{path} is not inside an object"
        del container[last]
        return self

    def add_app(self, **changes: Value) -> Configuration:
        """One more app: the first one with these keys changed."""
        apps = cast("list[Value]", self._values["homeport:apps"])
        first = cast("dict[str, Value]", apps[0])
        apps.append({**first, **changes})
        return self

    def text(self, key: str, text: str) -> Configuration:
        """Hand over exactly this text, whatever it is."""
        self._texts[key] = text
        return self

    def secret(self, name: str) -> Configuration:
        """Set a secret of the project, encrypted."""
        self._secrets.add(f"homeport:{name}")
        return self.text(f"homeport:{name}", "a-secret")

    @property
    def secret_keys(self) -> Collection[str]:
        """Keys that the engine had to decrypt."""
        return frozenset(self._secrets)

    @property
    def config(self) -> dict[str, str]:
        """What the engine hands over."""
        return {key: _text(value) for key, value in self._values.items()} | self._texts

    def load(self) -> StackSettings:
        """The settings, as the program reads them."""
        return load(self.stack, self.config, self.secret_keys)

    def mistakes(self) -> tuple[Mistake, ...]:
        """What is reported; the test fails where nothing is."""
        with pytest.raises(MistakesError) as caught:
            self.load()
        return caught.value.mistakes

    def mistake(self) -> Mistake:
        """The one mistake that is reported; the test fails where it is not exactly one."""
        mistakes = self.mistakes()
        assert len(mistakes) == 1, "\n".join(str(mistake) for mistake in mistakes)
        return mistakes[0]

    def _container(self, parts: list[str]) -> list[Value] | dict[str, Value]:
        container: Value = self._values
        for part in parts:
            container = (
                container[int(part)]
                if isinstance(container, list)
                else cast("dict[str, Value]", container)[part]
            )
        assert isinstance(container, list | dict), f"{parts} holds nothing"
        return container


def shipped(stack: str) -> Configuration:
    """The configuration in one of the stack files that come with the project."""
    return Configuration(stack, copy.deepcopy(_read(stack)))


@cache
def _read(stack: str) -> dict[str, Value]:
    with (STACKS / f"Pulumi.{stack}.yaml").open() as file:
        document = cast("dict[str, dict[str, Value]]", yaml.safe_load(file))
    return document["config"]


def chat() -> Configuration:
    """A valid configuration: one Mattermost on Google Cloud."""
    return shipped("chat")


def local() -> Configuration:
    """A valid configuration: one Mattermost on this computer."""
    return shipped("local")


def _parts(path: str) -> list[str]:
    return path.replace("[", ".").replace("]", "").split(".")


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)
