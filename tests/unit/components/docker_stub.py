"""A `docker` command that knows two deployments' containers and writes down what is done to which."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.host.deployment import CONTAINERS
from components.host.shell import with_variables

OURS, THEIRS = "0a0a", "0b0b"
"""Values of the label `homeport.deployment`."""

_PROGRAM = """\
#!{python} -SE
import fnmatch, json, os, re, sys
folder = os.path.dirname(os.path.abspath(__file__))
command, *words = sys.argv[1:]
with open(os.path.join(folder, "commands"), "a") as file:
    print(json.dumps([command, *words]), file=file)
if command != "ps":
    if command == "run":
        print({owner!r})
    sys.exit({statuses}.get(command, 0))
filters, format, everything = [], "", False
while words:
    word = words.pop(0)
    option, _, value = word.partition("=")
    if option in ("--filter", "--format"):
        value = value if "=" in word else words.pop(0)
        filters += [value] if option == "--filter" else []
        format = value if option == "--format" else format
    elif option == "--all":
        everything = True
    else:
        sys.exit(f"the stub knows no docker ps {{word}}")
for container in json.load(open(os.path.join(folder, "containers.json"))):
    def fits(wanted):
        kind, _, value = wanted.partition("=")
        if kind == "name":
            return re.search(value, container["name"])
        key, told, value = value.partition("=")
        return container["labels"].get(key) == value if told else key in container["labels"]
    if all(fits(wanted) for wanted in filters) and (everything or container["running"]):
        print(re.sub(r'{{{{(?:\\.ID|\\.Label "(.*?)")}}}}',
              lambda found: container["labels"].get(found[1], "") if found[1] else container["id"], format))
"""


@dataclass(frozen=True)
class Engine:
    """An engine with the containers of two deployments, whose names, apps and services are the same."""

    folder: Path

    @classmethod
    def with_both(
        cls,
        folder: Path,
        *containers: Mapping[str, str],
        running: bool = True,
        owner: str = "",
        **statuses: int,
    ) -> Engine:
        """Each container is there twice, the other deployment's as the newer one. A `name` is no label.

        `owner`: what `docker run` prints, such as whose a host name is. `statuses`: how a command such as
        `run` ends, where not well.
        """
        found = [
            {
                "id": f"{owner}-{number}",
                "name": labels.get("name", f"c{number}"),
                "running": running,
                "labels": {
                    "homeport.deployment": owner,
                    **{f"homeport.{key}": value for key, value in labels.items() if key != "name"},
                },
            }
            for number, labels in enumerate(containers)
            for owner in (THEIRS, OURS)
        ]
        (folder / "containers.json").write_text(json.dumps(found))
        program = folder / "docker"
        program.write_text(_PROGRAM.format(python=sys.executable, statuses=statuses, owner=owner))
        program.chmod(0o755)
        return cls(folder)

    def run(self, *scripts: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run scripts as our deployment's."""
        text = "".join(path.read_text() for path in (CONTAINERS, *scripts))
        told = {"deployment": OURS, **variables}
        return subprocess.run(
            ["bash", "-s"],
            input=with_variables(text, told),
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": f"{self.folder}:{os.environ['PATH']}"},
        )

    def commands(self) -> list[list[str]]:
        """What was done, but for the looking."""
        path = self.folder / "commands"
        lines = path.read_text().splitlines() if path.exists() else []
        return [words for words in map(json.loads, lines) if words[0] != "ps"]

    def touched(self) -> set[str]:
        """Ids of containers that a command named."""
        return {word for words in self.commands() for word in words if word.startswith((OURS, THEIRS))}
