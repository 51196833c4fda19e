"""Whose settings nginx includes for a host name, while apps come, go and take names of each other."""

from __future__ import annotations

import base64
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "components" / "edge" / "names.sh"
NAME = "example.com"
SHA = "a855956849112e12077eea46ca3caeb17c8ad2d6"
MASTODON = {
    NAME: "client_max_body_size 99m;\n",
    f"{NAME}_location_override": "location / { return 301 https://social.example.com; }\n",
    f"{NAME}_{SHA}_location": "proxy_buffering off;\n",
}
PAGES = {NAME: "client_max_body_size 10m;\n"}


@dataclass(frozen=True)
class Edge:
    """The folders of nginx."""

    vhosts: Path
    passwords: Path

    def names(self, action: str, *arguments: str, files: dict[str, str] | None = None) -> list[str]:
        """Run the script; what it tells."""
        lines = [f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in (files or {}).items()]
        ran = subprocess.run(
            ["sh", SCRIPT, action, *arguments],
            input="".join(f"{line}\n" for line in lines),
            env={**os.environ, "VHOSTS": str(self.vhosts), "PASSWORDS": str(self.passwords)},
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.split()

    @property
    def included(self) -> dict[str, str]:
        """What nginx may include."""
        return {file.name: file.read_text() for file in self.vhosts.iterdir() if file.is_file()}


@pytest.fixture
def edge(tmp_path: Path) -> Edge:
    """An edge that no app has used."""
    made = Edge(tmp_path / "vhost.d", tmp_path / "htpasswd")
    made.vhosts.mkdir()
    made.passwords.mkdir()
    return made


def of_a_release_before(edge: Edge) -> None:
    """Files without a note of whose they are, and a password for the host name."""
    for file, text in MASTODON.items():
        (edge.vhosts / file).write_text(text)
    (edge.vhosts / f".{NAME}.before").write_text("a copy")
    (edge.passwords / NAME).write_text("user:hash\n")


def test_a_name_that_is_free_has_the_apps_settings_at_once(edge: Edge) -> None:
    assert edge.names("claim", "mastodon", NAME, files=MASTODON) == ["mastodon"]
    assert edge.included == MASTODON


def test_settings_that_an_app_says_no_more_are_gone(edge: Edge) -> None:
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    edge.names("claim", "mastodon", NAME, files=PAGES)
    assert edge.included == PAGES


def test_a_name_keeps_its_settings_while_another_app_has_its_requests(edge: Edge) -> None:
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    assert edge.names("claim", "pages", NAME, "mastodon", files=PAGES) == ["mastodon"]
    assert edge.included == MASTODON


def test_who_takes_a_name_over_has_nothing_of_the_one_before(edge: Edge) -> None:
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    edge.names("claim", "pages", NAME, "mastodon", files=PAGES)
    edge.names("take", "pages", NAME)
    assert edge.included == PAGES


def test_an_app_that_leaves_after_another_took_its_name_takes_nothing_along(edge: Edge) -> None:
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    edge.names("claim", "pages", NAME, "mastodon", files=PAGES)
    edge.names("take", "pages", NAME)
    edge.names("release", "mastodon", NAME)
    assert edge.included == PAGES
    assert edge.names("claim", "pages", NAME, files=MASTODON) == ["pages"]


def test_an_app_that_leaves_a_name_leaves_nothing_there(edge: Edge) -> None:
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    edge.names("release", "mastodon", NAME)
    assert edge.included == {}
    assert list((edge.vhosts / ".names").iterdir()) == []


def test_another_name_that_begins_the_same_keeps_its_settings(edge: Edge) -> None:
    other = {f"{NAME}.org": "client_max_body_size 1m;\n", f"www.{NAME}": "client_max_body_size 2m;\n"}
    for name, text in other.items():
        edge.names("claim", "other", name, files={name: text})
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    edge.names("release", "mastodon", NAME)
    assert edge.included == other


def test_an_update_that_was_killed_after_the_takeover_can_be_undone(edge: Edge) -> None:
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    edge.names("claim", "pages", NAME, "mastodon", files=PAGES)
    edge.names("take", "pages", NAME)
    # The settings of before again: Mastodon never left, and the new app goes.
    edge.names("release", "pages", NAME)
    assert edge.included == MASTODON


def test_an_owner_that_changes_its_settings_has_them_while_the_one_before_is_still_there(edge: Edge) -> None:
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    edge.names("claim", "pages", NAME, "mastodon", files=PAGES)
    edge.names("take", "pages", NAME)
    larger = {NAME: "client_max_body_size 11m;\n"}
    assert edge.names("claim", "pages", NAME, "mastodon", files=larger) == ["pages"]
    assert edge.included == larger


def test_what_a_release_before_left_goes_with_the_name(edge: Edge) -> None:
    of_a_release_before(edge)
    edge.names("claim", "pages", NAME, files=PAGES)
    assert edge.included == PAGES
    assert list(edge.passwords.iterdir()) == []


def test_what_a_release_before_wrote_stays_until_the_name_is_taken_over(edge: Edge) -> None:
    of_a_release_before(edge)
    assert edge.names("claim", "pages", NAME, "mastodon", files=PAGES) == ["mastodon"]
    assert {name: edge.included[name] for name in MASTODON} == MASTODON
    assert [file.name for file in edge.passwords.iterdir()] == [NAME]
    edge.names("take", "pages", NAME)
    assert edge.included == PAGES
    assert list(edge.passwords.iterdir()) == []


def test_passwords_of_apps_stay_when_names_change_hands(edge: Edge) -> None:
    (edge.passwords / "metrics").write_text("user:hash\n")
    edge.names("claim", "pages", NAME, files=PAGES)
    edge.names("release", "pages", NAME)
    assert [file.name for file in edge.passwords.iterdir()] == ["metrics"]


def test_settings_that_nginx_refuses_are_taken_back(edge: Edge) -> None:
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    edge.names("claim", "mastodon", NAME, files={NAME: "nonsense\n"})
    edge.names("undo", "mastodon", NAME)
    assert edge.included == MASTODON


def test_first_settings_that_nginx_refuses_leave_nothing(edge: Edge) -> None:
    edge.names("claim", "pages", NAME, files={NAME: "nonsense\n"})
    edge.names("undo", "pages", NAME)
    assert edge.included == {}


def test_an_app_that_has_other_names_tells_so(edge: Edge) -> None:
    for name in (NAME, "social.example.com"):
        edge.names("claim", "mastodon", name, files={name: ""})
    assert edge.names("release", "mastodon", NAME) == [".names/social.example.com/mastodon"]
    assert edge.names("release", "mastodon", "social.example.com") == []


def test_a_claim_that_was_cut_off_is_made_by_the_next(edge: Edge) -> None:
    edge.names("claim", "mastodon", NAME, files=MASTODON)
    (edge.vhosts / ".names" / NAME / ".mastodon.new").mkdir()
    (edge.vhosts / ".names" / NAME / ".mastodon.new" / "half").touch()
    (edge.vhosts / ".names" / NAME / "mastodon").rename(edge.vhosts / ".names" / NAME / ".mastodon.before")
    edge.names("claim", "mastodon", NAME, files=PAGES)
    assert edge.included == PAGES
