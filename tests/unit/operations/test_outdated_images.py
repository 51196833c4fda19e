"""Which images `make outdated` judges: what runs, what the settings name, and what has no version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from operations.outdated_screen import screen
from tests.unit.operations.outdated_world import (
    CURRENT,
    MATTERMOST,
    NGINX,
    POSTGRES,
    World,
    fact,
    newer,
    project,
)


def test_a_deployed_stack_is_judged_by_what_runs() -> None:
    facts = World(deployed=["nginx:1.31.3", f"postgres:{POSTGRES}"]).look()
    assert (fact(facts, "nginx").tag, fact(facts, "nginx").planned) == ("1.31.3", NGINX)
    assert fact(facts, "postgres").planned is None
    assert facts.undeployed is None
    (attention,) = facts.attention
    assert attention.do == f"pulumi up -s chat: the settings say {NGINX} already"


@pytest.mark.parametrize(
    ("deployed", "why"), [(None, "error: no stack named 'chat' found"), ([], "nothing is deployed")]
)
def test_a_stack_that_is_not_deployed_is_judged_by_its_settings_and_told_why(
    deployed: Sequence[str] | None, why: str
) -> None:
    facts = World(deployed=deployed).look()
    assert (fact(facts, "nginx").tag, fact(facts, "nginx").deployed) == (NGINX, False)
    assert f"the versions are those of the settings: {why}\n" in screen(facts, colour=False)


def test_what_the_settings_have_no_more_goes_with_the_next_update() -> None:
    world = newer()
    world.tags["redis"] = ["8.2.1", "8.2.10"]
    world.deployed = ["redis:8.2.1"]
    (attention,) = world.look().attention
    assert attention.do == "pulumi up -s chat: the settings have it no more"


def test_a_second_database_of_an_older_line_is_compared_with_its_own(tmp_path: Path) -> None:
    second = """
    - kind: mattermost
      name: team
      hostname: team.example.com
      version: 11.7.0
      postgres: {version: "15.14"}
      administrator: {email: admin@example.com}
"""
    folder = project(tmp_path, lambda text: text.rstrip() + second)
    world = newer(postgres=["15.19"])
    world.deployed = [f"postgres:{POSTGRES}", "postgres:15.13"]
    old, new = (each for each in world.look(folder).images if each.image == "postgres")
    assert (old.tag, old.planned, old.settings) == (
        "15.13",
        "15.14",
        ("homeport:apps[1].postgres.version",),
    )
    assert old.newer
    assert old.newer.tag == "15.19"
    assert (new.tag, new.newer) == (POSTGRES, None)


def test_an_image_that_is_built_is_judged_by_the_one_it_is_built_from(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        lambda text: text.replace("      version: 11.7.0", "      version: 11.7.0\n      image: {build: {}}"),
    )
    world = newer(mattermost_team_edition=["11.8.0"])
    world.deployed = ["homeport/mattermost-team:11.6.0-team-11.6.0-2000-abc"]
    found = fact(world.look(folder), MATTERMOST)
    assert (found.tag, found.planned, found.deployed) == ("11.6.0", "11.7.0", True)
    assert found.newer
    assert found.newer.release_notes == "https://github.com/mattermost/mattermost/releases/tag/v11.8.0"


WEB = """
    - kind: web
      name: page
      hostname: page.example.com
      port: 8000
      image: IMAGE
"""


@pytest.mark.parametrize(
    ("image", "note"),
    [
        (f"ghcr.io/me/page@sha256:{64 * '0'}", "digest alone"),
        ("ghcr.io/me/page:sha-1a2b3c4", "sha-1a2b3c4 moves, or says no version"),
    ],
)
def test_an_image_without_a_version_is_named_as_such_and_not_looked_up(image: str, note: str) -> None:
    world = World(deployed=[image])
    facts = world.look()
    assert note in (fact(facts, "ghcr.io/me/page").note or "")
    assert "ghcr.io/me/page" not in world.asked
    assert note in " ".join(screen(facts, colour=False).split())


def test_a_tag_that_has_more_numbers_beyond_it_moves(tmp_path: Path) -> None:
    world = World({**CURRENT, "ghcr.io/me/page": ["1.2", "1.2.7", "1.3"]})
    facts = world.look(
        project(tmp_path, lambda text: text.rstrip() + WEB.replace("IMAGE", "ghcr.io/me/page:1.2"))
    )
    found = fact(facts, "ghcr.io/me/page")
    assert (found.note, found.newer) == ("the tag 1.2 moves: the registry has 1.2.7", None)


def test_a_version_with_a_digest_is_compared_by_its_version() -> None:
    world = World({**CURRENT, "ghcr.io/me/page": ["v1.2.0", "v1.3.0"]})
    world.deployed = [f"ghcr.io/me/page:v1.2.0@sha256:{64 * '0'}"]
    found = fact(world.look(), "ghcr.io/me/page")
    assert "digest" in (found.note or "")
    assert found.newer
    assert found.newer.tag == "v1.3.0"


def test_where_the_settings_name_a_whole_image_its_whole_tag_is_what_to_say(tmp_path: Path) -> None:
    world = World({**CURRENT, "ghcr.io/me/page": ["v1.2.0", "v1.3.0"]})
    folder = project(tmp_path, lambda text: text.rstrip() + WEB.replace("IMAGE", "ghcr.io/me/page:v1.2.0"))
    (attention,) = world.look(folder).attention
    assert attention.do.startswith("say v1.3.0 in homeport:apps[1].image of ")
