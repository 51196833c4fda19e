"""What Renovate finds: every version that it is meant to raise, under its right name."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import pytest
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from components.default_images import DEFAULT_IMAGES
from components.image_tag import ImageReference
from diagram.answers import placeholders
from operations.outdated_images import stack_images
from stacks.settings import load
from stacks.stack_file import Json, StackFile
from tools.python_environment import REPOSITORY

DEFAULTS = "components/default_images.py"
# The sandbox's registry has what its catalogue says and nothing newer.
SANDBOX = "stacks/Pulumi.sandbox.yaml"
STACKS = [
    path
    for path in sorted(f"stacks/{path.name}" for path in (REPOSITORY / "stacks").glob("Pulumi.*.yaml"))
    if path != SANDBOX
]
COMMAND = re.compile(r"^(#.*?\n)+# {4}uv pip compile(?P<arguments>( \S+)+)\n")
"""Where Renovate's manager pip-compile looks for the command (lib/modules/manager/pip-compile/common.ts)."""
UV_OPTIONS = ("--generate-hashes", "--python-version=", "--output-file=")
"""The options that it takes, of those that are given."""


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Manager(Part):
    manager_file_patterns: tuple[str, ...] = ()
    match_strings: tuple[str, ...] = ()
    auto_replace_string_template: str = ""

    def is_for(self, path: str) -> bool:
        """Whether the file is one of its own: patterns between slashes are regular expressions."""
        return any(re.search(pattern[1:-1], path) for pattern in self.manager_file_patterns)

    def found(self, text: str) -> list[tuple[str, str]]:
        """Name and version of each dependency, as a custom manager extracts them."""
        matches = (re.finditer(pattern.replace("(?<", "(?P<"), text) for pattern in self.match_strings)
        return [(match["depName"], match["currentValue"]) for each in matches for match in each]

    def raised(self, text: str, version: str) -> str:
        """The text with every dependency raised to one version, as Renovate writes it."""
        template = self.auto_replace_string_template

        def replaced(match: re.Match[str]) -> str:
            return template.replace("{{{depName}}}", match["depName"]).replace("{{{newValue}}}", version)

        (pattern,) = self.match_strings
        return re.sub(pattern.replace("(?<", "(?P<"), replaced, text)


class Rule(Part):
    match_managers: tuple[str, ...] = ()
    match_file_names: tuple[str, ...] = ()
    match_package_names: tuple[str, ...] = ()
    match_update_types: tuple[str, ...] = ()
    group_name: str = ""
    minimum_release_age_behaviour: str = ""
    enabled: bool = True


class Renovate(Part):
    enabled_managers: tuple[str, ...]
    custom_managers: tuple[Manager, ...]
    package_rules: tuple[Rule, ...]


TEXT = (REPOSITORY / "renovate.json").read_text()
RENOVATE = Renovate.model_validate_json(TEXT)
PIP_COMPILE = Manager.model_validate(json.loads(TEXT)["pip-compile"])
PIP_REQUIREMENTS = Manager.model_validate(json.loads(TEXT)["pip_requirements"])


def found(path: str, text: str | None = None) -> list[tuple[str, str]]:
    """What custom managers find in a file, or in this text in its place."""
    content = (REPOSITORY / path).read_text() if text is None else text
    managers = (manager for manager in RENOVATE.custom_managers if manager.is_for(path))
    return [dependency for manager in managers for dependency in manager.found(content)]


def said(path: str) -> list[tuple[frozenset[str], str]]:
    """Every version of an image that a stack file says, with the repositories that it may be of."""
    name = PurePosixPath(path).name.split(".")[1]
    file = StackFile.read(name, REPOSITORY / "stacks")
    settings = load(name, {**file.texts, **placeholders(file.encrypted)}, file.encrypted)
    repositories: dict[str, set[str]] = {}
    for image in stack_images(settings):
        for setting in image.settings:
            repositories.setdefault(setting, set()).add(image.current.repository)
    return list(_said(file, repositories))


def _said(file: StackFile, repositories: dict[str, set[str]]) -> Iterator[tuple[frozenset[str], str]]:
    for setting, names in repositories.items():
        value = _at(file, setting)
        if isinstance(value, str):
            image = ImageReference.parse(value) if setting.endswith(".image") else None
            yield frozenset(names), image.tag if image else value


def _at(file: StackFile, setting: str) -> Json:
    """What stands at `homeport:apps[0].version`; None where nothing does."""
    section, *keys = re.findall(r"[\w:]+", setting)
    value = file.values.get(section)
    for key in keys:
        if isinstance(value, list):
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def listed(*patterns: str) -> Sequence[str]:
    """Files of the repository."""
    git = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listing = subprocess.run(git, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return [path for path in listing.splitlines() if (REPOSITORY / path).is_file()]


def test_it_finds_every_default_image() -> None:
    assert found(DEFAULTS) == [(image.repository, image.tag) for image in DEFAULT_IMAGES]


def test_what_it_raises_in_the_list_loses_its_day_and_is_found_again() -> None:
    (manager,) = (manager for manager in RENOVATE.custom_managers if manager.is_for(DEFAULTS))
    raised = manager.raised((REPOSITORY / DEFAULTS).read_text(), "9.9.9")
    assert raised.count('"9.9.9", ""),') == len(DEFAULT_IMAGES)
    assert found(DEFAULTS, raised) == [(image.repository, "9.9.9") for image in DEFAULT_IMAGES]


@pytest.mark.parametrize("path", STACKS)
def test_it_finds_every_version_in_a_stack_file_under_a_name_of_its_image(path: str) -> None:
    versions = said(path)
    dependencies = found(path)
    assert versions
    for names, version in versions:
        assert [name for name, value in dependencies if value == version and name in names], (
            f"{path}: {version} needs the comment `# renovate: {min(names)}`"
        )
    assert len(dependencies) == len(versions)


@pytest.mark.parametrize("path", STACKS)
def test_a_version_without_the_comment_is_not_found(path: str) -> None:
    assert found(path, re.sub(r" # renovate: .*", "", (REPOSITORY / path).read_text())) == []


@pytest.mark.parametrize(
    ("line", "dependency"),
    [
        (
            "      version: 4.7.4 # renovate: ghcr.io/mastodon/mastodon",
            ("ghcr.io/mastodon/mastodon", "4.7.4"),
        ),
        ('        version: "17.11" # renovate: postgres', ("postgres", "17.11")),
        ("    nginxProxy: 1.11.6   # renovate: nginxproxy/nginx-proxy", ("nginxproxy/nginx-proxy", "1.11.6")),
        ("      image: ghcr.io/miniflux/miniflux:2.2.13", ("ghcr.io/miniflux/miniflux", "2.2.13")),
        ("      image: registry.example.com:5000/app:v1.0", ("registry.example.com:5000/app", "v1.0")),
        ("      image: nginx:1.31.6 # a page", ("nginx", "1.31.6")),
    ],
)
def test_it_reads_a_line_of_a_stack_file(line: str, dependency: tuple[str, str]) -> None:
    assert found(STACKS[0], f"  homeport:apps:\n{line}\n") == [dependency]


@pytest.mark.parametrize(
    "line", ["    image: debian-cloud/debian-12", "    swap: 2048 # MiB", "    port: 8080"]
)
def test_it_takes_nothing_else_for_a_version(line: str) -> None:
    assert found(STACKS[0], f"{line}\n") == []


def test_the_stack_of_the_sandbox_is_left_alone() -> None:
    assert found(SANDBOX) == []


@pytest.mark.parametrize("path", listed("*requirements.in"))
def test_each_list_of_python_packages_has_a_pinned_one_that_tells_how_it_is_made(path: str) -> None:
    pinned = Path(path).with_suffix(".txt")
    assert PIP_COMPILE.is_for(str(pinned))
    command = COMMAND.match((REPOSITORY / pinned).read_text())
    assert command
    *options, source = command["arguments"].split()
    assert source == "requirements.in"
    assert [option for option in options if not option.startswith(UV_OPTIONS)] == []


def test_every_file_of_python_packages_is_one_that_it_knows() -> None:
    pins = [
        path
        for path in listed("*.txt")
        if re.search(r"^[a-z0-9-]+==\S+ \\$", (REPOSITORY / path).read_text(), re.MULTILINE)
    ]
    # The second is the pattern that pip_requirements has by default.
    default = re.compile(r"(^|/)[\w-]*requirements([-.]\w+)?\.(txt|pip)$")
    assert len(pins) == 4
    assert [path for path in pins if not (PIP_REQUIREMENTS.is_for(path) or default.search(path))] == []


def test_the_managers_are_those_of_what_is_pinned_here() -> None:
    assert set(RENOVATE.enabled_managers) == {
        *("custom.regex", "github-actions", "gomod", "pip-compile", "pip_requirements")
    }
    assert listed("*go.mod")
    assert listed(".github/workflows/*.yml")


def test_the_engine_and_the_sdk_are_raised_together_and_last_of_all_rules() -> None:
    rule = RENOVATE.package_rules[-1]
    assert rule.match_package_names == ("pulumi", "github.com/pulumi/pulumi/**")
    assert rule.group_name


@pytest.mark.parametrize("repository", sorted({image.repository for image in DEFAULT_IMAGES}))
def test_an_image_with_several_lines_in_the_list_stays_on_each(repository: str) -> None:
    lines = sum(image.repository == repository for image in DEFAULT_IMAGES)
    kept = [
        rule
        for rule in RENOVATE.package_rules
        if DEFAULTS in rule.match_file_names and repository in rule.match_package_names and not rule.enabled
    ]
    assert len(kept) == (1 if lines > 1 else 0)


def test_an_image_whose_registry_does_not_say_when_it_was_made_does_not_wait_for_ever() -> None:
    rules = (rule for rule in RENOVATE.package_rules if "custom.regex" in rule.match_managers)
    assert [rule.minimum_release_age_behaviour for rule in rules] == ["timestamp-optional"]


def test_no_other_bot_proposes_the_same() -> None:
    assert listed(".github/dependabot.y*ml") == []
