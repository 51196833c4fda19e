"""Miniflux as the README's example has it, and somebody who reads in it."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from sandbox.engine import REPOSITORY, homeport
from tests.e2e.deployed import Deployed
from tests.e2e.social import browser
from tests.unit.docs.pages import Page

ZONE = "example.com"
HOSTNAME = f"read.{ZONE}"
SECRET = "homeport:readerPassword"
PASSWORD = "read-in-a-test"
NEWER = "2.3.5"
OLDER = "2.3.3"
"""Three migrations before: 132 of 135."""


def example() -> dict[str, object]:
    """The app in the README, word by word."""
    (config,) = Page(REPOSITORY / "README.md").stack_files
    apps = config["homeport:apps"]
    assert isinstance(apps, list)
    (app,) = [app for app in apps if app["kind"] == "web"]
    assert isinstance(app, dict)
    return app


def of_version(version: str) -> dict[str, object]:
    """The same app in a version."""
    return {**example(), "image": f"ghcr.io/miniflux/miniflux:{version}"}


def beside(changes: Mapping[str, object], app: Mapping[str, object]) -> dict[str, object]:
    """Changes of the sandbox's stack with one app more, in a zone of its own."""
    shipped = homeport("sandbox").config
    dns = copy.deepcopy(changes.get("homeport:dns") or shipped["homeport:dns"])
    apps = changes.get("homeport:apps") or shipped["homeport:apps"]
    assert isinstance(dns, dict)
    assert isinstance(apps, list)
    dns["zones"] = [*dns["zones"], {"name": ZONE}]
    return {**changes, "homeport:dns": dns, "homeport:apps": [*apps, app]}


@dataclass(frozen=True)
class Reader:
    """A session in a browser, logged in by the form of the first page."""

    client: httpx.Client

    @classmethod
    def log_in(cls, deployed: Deployed, password: str = PASSWORD) -> Reader:
        """Log in as the administrator that the settings make."""
        client = browser(deployed, HOSTNAME)
        client.follow_redirects = True
        login = {"username": "ada", "password": password, "csrf": _token(client.get("/").text)}
        assert client.post("/login", data=login).url.path == "/unread"
        return cls(client)

    def add_category(self, title: str) -> None:
        """Make one, by its form."""
        form = {"title": title, "csrf": _token(self.client.get("/category/create").text)}
        assert self.client.post("/category/save", data=form).url.path == "/categories"

    def categories(self) -> str:
        """The page of them."""
        answer = self.client.get("/categories")
        assert (answer.status_code, answer.url.path) == (200, "/categories")
        return answer.text

    def about(self) -> str:
        """The page that tells the version of the program and of its tables."""
        return self.client.get("/about").text


def _token(page: str) -> str:
    """What a form must send back."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page
    return found[1]


def schema(deployed: Deployed) -> int:
    """How many migrations its database has."""
    listed = ("ps", "--quiet", "--filter", "label=homeport.app=reader")
    postgres = deployed.docker(*listed, "--filter", "label=homeport.service=postgres")
    psql = ("psql", "--username", "reader", "--no-align", "--tuples-only")
    return int(deployed.docker("exec", postgres, *psql, "--command", "SELECT version FROM schema_version"))
