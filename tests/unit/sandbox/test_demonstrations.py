"""What `make demo APP=...` deploys, before anything is deployed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest

from sandbox.demo import IMPORT, OPERATIONS
from sandbox.demonstrations import DEMONSTRATIONS, changes, log_ins, secrets
from sandbox.engine import REPOSITORY, homeport
from sandbox.images.catalogue import PUBLISHED
from stacks.settings import StackSettings, load
from tests.unit.docs.pages import Page, as_configuration


def settings(name: str) -> StackSettings:
    """A demonstration's settings; they have no mistake."""
    config = as_configuration(homeport("sandbox", changes(name)).config)
    return load("sandbox", {**config, **secrets(name)}, list(secrets(name)))


@pytest.mark.parametrize("name", DEMONSTRATIONS)
def test_its_settings_have_no_mistake_and_all_secrets(name: str) -> None:
    assert {f"homeport:{secret.name}" for secret in settings(name).secrets} == set(secrets(name))


@pytest.mark.parametrize("name", DEMONSTRATIONS)
def test_it_has_backups_and_mail_for_the_commands_about_them(name: str) -> None:
    deployed = settings(name)
    assert deployed.backup
    assert deployed.mail


def test_the_log_in_of_the_web_app_is_the_one_that_its_settings_make() -> None:
    (app,) = settings("web").apps
    user, password = log_ins("web")[app.name]
    assert app.service("web").environment["ADMIN_USERNAME"] == user
    assert secrets("web")["homeport:readerPassword"] == password


def readers_own(app: Mapping[str, object]) -> object:
    """An app's settings without its domain."""
    return json.loads(re.sub(r"\b(homeport\.test|example\.com)\b", "DOMAIN", json.dumps(app)))


def test_the_web_app_is_the_readmes_example() -> None:
    (config,) = Page(REPOSITORY / "README.md").stack_files
    shown, demonstrated = config["homeport:apps"], changes("web")["homeport:apps"]
    assert isinstance(shown, list)
    assert isinstance(demonstrated, list)
    (example,) = [app for app in shown if app["kind"] == "web"]
    assert [readers_own(example)] == [readers_own(app) for app in demonstrated]


def test_the_sandbox_has_the_version_that_the_readme_shows() -> None:
    (app,) = settings("web").apps
    assert app.version in PUBLISHED["miniflux/miniflux"][1]


@pytest.mark.parametrize("command", [command for command, _ in (*OPERATIONS, IMPORT)])
def test_a_command_that_the_end_names_is_a_target_of_make(command: str) -> None:
    target = command.split()[1]
    assert f"\n{target}: " in (REPOSITORY / "Makefile").read_text()
