"""`make outdated`: which images of a stack have newer versions, and where their release notes are.

The registries are asked from this computer for their lists of tags; nothing is pulled and nothing is changed.
The images are those of the stack's state, with what its settings name next; of its settings alone where it is
not deployed. The exit status is 0 where no release line has a newer version, 1 where one has, 2 where it
could not look everywhere.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError

from components.default_images import release_notes
from components.image_tag import ImageTag
from diagram.answers import placeholders
from operations.deployed_stack import PulumiError, Run
from operations.image_registry import ImageRegistry, TagsError, UnreachableRegistryError
from operations.outdated_facts import ImageFact, OutdatedFacts, VersionFact
from operations.outdated_images import StackImage, stack_images
from operations.outdated_screen import screen
from operations.outdated_versions import newer, unversioned
from operations.status_facts import Attention
from operations.status_state import RecordedState
from operations.workspace import PROJECT, Workspace, WorkspaceError
from stacks.mistakes import MistakesError
from stacks.settings import StackSettings, load
from stacks.stack_file import NoSuchStackError, StackFile, stack_folder
from tools.tls_contexts import browser_context

_AT_ONCE = 8

Found: TypeAlias = list[str] | TagsError


@dataclass(frozen=True)
class Question:
    """Which stack, and whom to ask."""

    stack: str
    run: Run
    tags: Callable[[str], list[str]]
    """The tags of a repository. Raises `TagsError`."""
    project: Path = PROJECT
    now: datetime | None = None
    """None: this computer's clock."""


def look(question: Question) -> OutdatedFacts:
    """Everything about a stack's images. Never raises: what could not be looked at is told."""
    now = question.now or datetime.now(UTC).replace(microsecond=0)
    name = question.stack
    if not name:
        return _blind("?", now, "no stack was named", "name one: make outdated STACK=chat")
    # Of a stack with a long name, `organisation/project/stack`, the file knows the last part.
    short = name.rpartition("/")[2]
    try:
        settings = _settings(short, stack_folder(question.project))
    except (NoSuchStackError, MistakesError) as error:
        do = f"STACK=<name> says which stack; its settings are in stacks/Pulumi.{short}.yaml"
        return _blind(name, now, str(error), do)
    deployed, undeployed = _deployed(name, question.run)
    images = stack_images(settings, deployed)
    found = _found(images, question.tags)
    problems = [answer for answer in found.values() if isinstance(answer, TagsError)]
    if problems and all(isinstance(each, UnreachableRegistryError) for each in found.values()):
        what = f"no registry can be reached: {problems[0]}"
        return _blind(name, now, what, "see that this computer has a network, and try again")
    facts = tuple(_fact(image, found.get(image.current.repository, []), short) for image in images)
    return OutdatedFacts(stack=name, time=now, undeployed=undeployed, images=facts)


def _blind(name: str, now: datetime, what: str, do: str) -> OutdatedFacts:
    return OutdatedFacts(stack=name, time=now, could_not_look=Attention(what=what, do=do))


def _settings(stack: str, folder: Path) -> StackSettings:
    """Without the engine, so that a stack that nobody has made yet can be asked about."""
    file = StackFile.read(stack, folder)
    return load(stack, {**file.texts, **placeholders(file.encrypted)}, file.encrypted)


def _deployed(stack: str, run: Run) -> tuple[Sequence[str], str | None]:
    """References of the images in the stack's state; where there are none, why."""
    try:
        images = RecordedState.parse(run(["stack", "export", "--stack", stack])).images
    except PulumiError as error:
        return (), str(error) or "pulumi stack export failed"
    except ValidationError:
        return (), "pulumi stack export printed no state"
    return images, None if images else "nothing is deployed"


def _found(images: Sequence[StackImage], tags: Callable[[str], list[str]]) -> dict[str, Found]:
    """Repository -> what its registry said; those that are not worth asking about are left out."""
    asked = sorted({image.current.repository for image in images if not unversioned(image.current)})

    def ask(repository: str) -> Found:
        try:
            return tags(repository)
        except TagsError as error:
            return error

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return dict(zip(asked, pool.map(ask, asked), strict=True))


def _fact(image: StackImage, found: Found, stack: str) -> ImageFact:
    planned = image.planned.tag if image.planned and image.planned != image.current else None
    fact = ImageFact(
        image=image.current.repository,
        tag=image.current.tag,
        deployed=image.deployed,
        planned=planned,
        settings=image.settings,
    )
    current = ImageTag.parse(image.current.tag)
    if isinstance(found, TagsError):
        return fact.model_copy(update={"problem": str(found)})
    note = unversioned(image.current, found)
    if note or current is None:
        return fact.model_copy(update={"note": note})
    later = newer(image.current, current, found)
    update = {
        "newer": _version(image, later.line),
        "next_line": _version(image, later.next_line),
        "newest": _version(image, later.newest),
        "note": "pinned by its digest besides, which changes with the version"
        if image.current.digest
        else None,
        "attention": (_attention(image, current, later.line, stack),) if later.line else (),
    }
    return fact.model_copy(update=update)


def _version(image: StackImage, tag: ImageTag | None) -> VersionFact | None:
    if tag is None:
        return None
    return VersionFact(tag=tag.text, release_notes=release_notes(image.current.repository, tag))


def _attention(image: StackImage, current: ImageTag, line: ImageTag, stack: str) -> Attention:
    what = f"{image.current} is older than {line.text}: {release_notes(image.current.repository, line)}"
    up = f"pulumi up -s {stack}"
    planned = ImageTag.parse(image.planned.tag) if image.planned else None
    if image.planned is None:
        do = f"{up}: the settings have it no more"
    elif planned and not planned.is_older(line) and current.is_older(planned):
        do = f"{up}: the settings say {planned.text} already"
    else:
        whole = any(setting.endswith(".image") for setting in image.settings)
        # YAML would take two numbers for one.
        value = line.text if whole else line.version if len(line.numbers) > 2 else f'"{line.version}"'
        do = f"say {value} in {', '.join(image.settings)} of stacks/Pulumi.{stack}.yaml, and {up}"
    return Attention(what=what, do=do)


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at a stack's images, print what was found, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make outdated", description=__doc__)
    parser.add_argument("--stack", required=True, help="the stack's name")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument(
        "--registry", default="", help="URL of the registry to ask, instead of each image's own"
    )
    parser.add_argument(
        "--root", type=Path, help="PEM file with the root that signed that registry's certificate"
    )
    parser.add_argument("--project", type=Path, default=PROJECT, help="folder of Pulumi.yaml")
    given = parser.parse_args(arguments)
    if given.registry and not given.registry.startswith(("https://", "http://")):
        parser.error(f"--registry: {given.registry} is no URL such as https://mirror.example.com")
    workspace, run = _reached(given.stack, given.project)
    # The stack's own roots are those of its own registry, not of the world's.
    registry = given.registry or workspace.registry
    root = given.root
    if root is None and registry == workspace.registry != "":
        root = workspace.root
    try:
        trust = browser_context(root)
    except OSError as error:
        parser.error(f"--root: {root} is no PEM file with a certificate: {error}")
    question = Question(given.stack, run, ImageRegistry(registry, trust).tags, workspace.project)
    facts = look(question)
    if given.json:
        print(facts.as_json())
    else:
        print(screen(facts, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ), end="")
    return facts.exit_status


def _reached(stack: str, project: Path) -> tuple[Workspace, Run]:
    """How the stack is reached; one that is not deployed from here is asked about by its settings alone."""
    try:
        workspace = Workspace.of(stack, project)
    except WorkspaceError as error:
        problem = error

        def refuse(_: Sequence[str]) -> str:
            raise problem

        return Workspace(stack, project), refuse
    return workspace, workspace.run()


if __name__ == "__main__":
    sys.exit(main())
