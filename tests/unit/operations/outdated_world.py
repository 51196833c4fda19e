"""A stack `chat`, registries and a state for `make outdated`, without a network or an engine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from components.default_images import default_tag
from operations.deployed_stack import PulumiError
from operations.image_registry import TagsError
from operations.outdated import Question, look
from operations.outdated_facts import ImageFact, OutdatedFacts
from tests.unit.stacks.configuration import STACKS

NOW = datetime(2026, 11, 25, 19, 20, tzinfo=UTC)
NGINX, POSTGRES = default_tag("nginx"), default_tag("postgres")
NGINX_LINE = NGINX.rpartition(".")[0]
MATTERMOST = "mattermost/mattermost-team-edition"
COMPANION, DOCKER_GEN = "nginxproxy/acme-companion", "nginxproxy/nginx-proxy"
CURRENT: Mapping[str, Sequence[str]] = {
    "nginx": [NGINX, "latest", "1.9.15"],
    "postgres": [POSTGRES, "17", "9.6", "19beta3", "17.99-alpine"],
    COMPANION: [default_tag(COMPANION), "2.8"],
    DOCKER_GEN: [default_tag(DOCKER_GEN), "9.0.0", "9.0.0-alpine"],
    MATTERMOST: ["11.7.0", "11.99.0-rc1", "release-11"],
}
"""Registries without anything newer than what the stack `chat` has."""


@dataclass
class World:
    """Registries and a state that a stack is looked at with."""

    tags: dict[str, Sequence[str] | TagsError] = field(default_factory=lambda: dict(CURRENT))
    deployed: Sequence[str] | None = None
    """References in the state; None: there is none."""
    asked: list[str] = field(default_factory=list)

    def ask(self, repository: str) -> list[str]:
        self.asked.append(repository)
        answer = self.tags[repository]
        if isinstance(answer, TagsError):
            raise answer
        return list(answer)

    def run(self, arguments: Sequence[str]) -> str:
        assert list(arguments[:2]) == ["stack", "export"]
        if self.deployed is None:
            raise PulumiError("error: no stack named 'chat' found")
        resources = [
            {
                "urn": f"urn:pulumi:chat::homeport::docker:index/remoteImage:RemoteImage::{number}",
                "type": "docker:index/image:Image"
                if name.startswith("homeport/")
                else "docker:index/remoteImage:RemoteImage",
                "inputs": {"imageName" if name.startswith("homeport/") else "name": name},
            }
            for number, name in enumerate(self.deployed)
        ]
        return json.dumps({"deployment": {"resources": resources}})

    def look(self, project: Path = STACKS.parent, stack: str = "chat") -> OutdatedFacts:
        return look(Question(stack, self.run, self.ask, project, NOW))


def fact(facts: OutdatedFacts, image: str) -> ImageFact:
    (found,) = (each for each in facts.images if each.image == image)
    return found


def newer(**tags: Sequence[str]) -> World:
    """A world where some images have these tags besides, by the last part of their names."""
    more = {
        name: [*CURRENT[name], *added]
        for name in CURRENT
        for part, added in tags.items()
        if name.rpartition("/")[2].replace("-", "_") == part
    }
    return World({**CURRENT, **more})


def project(folder: Path, change: Callable[[str], str]) -> Path:
    """A project in that folder whose stack `chat` has another file."""
    shutil.copy(STACKS.parent / "Pulumi.yaml", folder)
    (folder / "stacks").mkdir()
    text = (STACKS / "Pulumi.chat.yaml").read_text()
    (folder / "stacks" / "Pulumi.chat.yaml").write_text(change(text))
    return folder
