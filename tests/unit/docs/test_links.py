"""What the documentation points to exists, and its examples are accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from stacks.mistakes import MistakesError
from stacks.settings import AppSettings, load
from tests.unit.docs.pages import PAGES, REPOSITORY, Page, as_configuration, broken

EXAMPLES = [
    pytest.param(config, id=f"{page.name}-{number}")
    for page in map(Page, PAGES)
    if page.path.exists()
    for number, config in enumerate(page.stack_files)
]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """A page of two headings, to try the checks on."""
    path = tmp_path / "page.md"
    path.write_text(
        "# One two\n\n`make it` or make do.\n\n## One two\n\n    make all  # make no\n\n[x](y.md)\n"
    )
    return Page(path)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    page = Page(path)
    assert [problem for link in page.links if (problem := broken(page, link))] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert Page(path).make_targets - targets == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_test_that_is_named_exists(path: Path) -> None:
    tests = "\n".join(file.read_text() for file in (REPOSITORY / "tests").rglob("test_*.py"))
    named = {word for code in Page(path).code for word in re.findall(r"^test_\w+$", code)}
    assert {name for name in named if f"def {name}(" not in tests} == set()


@pytest.mark.parametrize("config", EXAMPLES)
def test_every_stack_file_that_is_shown_is_accepted(config: dict[str, object]) -> None:
    secrets = {"homeport:mailPassword": "x"} if "homeport:mail" in config else {}
    apps = config["homeport:apps"]
    assert isinstance(apps, list)
    for app in TypeAdapter(list[AppSettings]).validate_python(apps):
        secrets |= {f"homeport:{secret.name}": "x" for secret in app.secrets}
    loaded = load("chat", as_configuration(config) | secrets, list(secrets))
    assert [app.kind for app in loaded.apps] == [app["kind"] for app in apps]


def test_the_readme_and_the_settings_show_a_stack_file() -> None:
    shown = {str(example.id).rpartition("-")[0] for example in EXAMPLES}
    assert {"README.md", "docs/settings.md"} <= shown


def test_the_mistakes_that_the_settings_page_shows_are_told_like_that() -> None:
    page = Page(REPOSITORY / "docs" / "settings.md")
    (config,) = page.stack_files
    host = config["homeport:host"]
    assert isinstance(host, dict)
    wrong = as_configuration(
        {
            **config,
            "homeport:host": {**host, "swap": 8192},
            "homeport:mail": {"host": "smtp.example.com", "user": "ada", "fromAddress": "chat@example.com"},
        }
    )
    with pytest.raises(MistakesError) as error:
        load("chat", wrong, [])
    shown = "\n".join(line.removeprefix("    ") for line in page.text.splitlines())
    assert str(error.value).rstrip() in shown


def test_a_repeated_heading_has_a_number_in_its_anchor(page: Page) -> None:
    assert page.anchors == {"one-two", "one-two-1"}


def test_a_link_to_a_missing_file_is_broken(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.docs.pages.REPOSITORY", page.path.parent)
    assert page.links == ["y.md"]
    assert broken(page, "y.md") == "page.md: y.md: there is no such file"


def test_a_link_to_a_missing_heading_is_broken(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.docs.pages.REPOSITORY", page.path.parent)
    assert broken(page, "#one-two") is None
    assert broken(page, "page.md#three") == "page.md: page.md#three: no heading of page.md is called that"


def test_only_make_in_code_is_a_command(page: Page) -> None:
    assert page.make_targets == {"it", "all"}


def test_structures_are_handed_over_as_json() -> None:
    assert as_configuration({"a": "text", "b": [1]}) == {"a": "text", "b": json.dumps([1])}
