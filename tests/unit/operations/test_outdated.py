"""`make outdated` as a whole: which images are asked about, what is said of them, and the exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from operations.image_registry import TagsError, UnreachableRegistryError
from operations.outdated import main
from operations.outdated_screen import screen
from operations.screen_text import WIDTH
from tests.unit.operations.outdated_world import (
    COMPANION,
    CURRENT,
    DOCKER_GEN,
    MATTERMOST,
    NGINX_LINE,
    POSTGRES,
    World,
    fact,
    newer,
    project,
)
from tests.unit.operations.tag_registry import TagRegistry
from tests.unit.stacks.configuration import STACKS


def test_a_stack_without_anything_newer_exits_with_0_and_says_so() -> None:
    facts = World().look()
    assert (facts.exit_status, facts.attention) == (0, ())
    assert screen(facts, colour=False).endswith("\n\nchat: every image is up to date\n")


def test_a_newer_version_of_the_line_needs_attention_and_exits_with_1() -> None:
    facts = newer(postgres=["17.98", "17.99", "17.100-rc1"]).look()
    found = fact(facts, "postgres")
    assert facts.exit_status == 1
    assert found.newer
    assert (found.newer.tag, found.newer.release_notes) == (
        "17.99",
        "https://www.postgresql.org/docs/release/17.99/",
    )


def test_a_later_line_is_told_and_is_no_reason_to_act() -> None:
    facts = newer(postgres=["18.5", "18.6", "19.0", "20.1"]).look()
    found = fact(facts, "postgres")
    assert found.newer is None
    assert found.next_line
    assert found.newest
    assert (found.next_line.tag, found.newest.tag) == ("18.6", "20.1")
    assert facts.exit_status == 0


@pytest.mark.parametrize(
    ("tag", "line"),
    [
        (f"{NGINX_LINE}.999", "newer"),
        ("1.998.0", "next_line"),
        ("1.999.0-alpine", ""),
        ("1.999.0-rc1", ""),
    ],
)
def test_a_line_of_nginx_is_two_numbers_and_another_variant_or_a_candidate_is_nothing(
    tag: str, line: str
) -> None:
    found = fact(newer(nginx=[tag]).look(), "nginx")
    assert [name for name in ("newer", "next_line") if getattr(found, name)] == [line] * bool(line)


def test_a_variant_is_compared_with_its_own() -> None:
    found = fact(newer(nginx_proxy=["1.99.0-dockergen"]).look(), DOCKER_GEN)
    assert found.newer
    assert found.newer.tag == "1.99.0-dockergen"


def test_what_is_to_be_done_names_the_setting_and_the_address_of_the_release_notes() -> None:
    (attention,) = newer(postgres=["17.99"]).look().attention
    assert attention.what == (
        f"postgres:{POSTGRES} is older than 17.99: https://www.postgresql.org/docs/release/17.99/"
    )
    assert attention.do == (
        'say "17.99" in homeport:apps[0].postgres.version of stacks/Pulumi.chat.yaml, and pulumi up -s chat'
    )


def test_a_setting_is_told_the_version_without_what_is_around_it_in_the_tag() -> None:
    (attention,) = newer(nginx_proxy=["1.99.0-dockergen"]).look().attention
    assert attention.do.startswith("say 1.99.0 in homeport:edge.nginxProxy of ")


def test_without_a_network_there_is_one_line_and_the_exit_status_2() -> None:
    why = UnreachableRegistryError("ghcr.io cannot be reached: no such host")
    facts = World(dict.fromkeys(CURRENT, why)).look()
    assert facts.exit_status == 2
    assert screen(facts, colour=False) == (
        "chat: could not look: no registry can be reached: ghcr.io cannot be reached: no such host\n"
    )


def test_one_image_that_could_not_be_looked_up_is_told_beside_the_others() -> None:
    world = newer(postgres=["17.99"])
    world.tags[MATTERMOST] = TagsError(
        "registry-1.docker.io was asked too often (429): try again in 30 seconds"
    )
    facts = world.look()
    shown = screen(facts, colour=False)
    assert facts.exit_status == 2
    assert "1 image has a newer version, 1 could not be looked up" in shown
    assert f"! {MATTERMOST}:11.7.0: registry-1.docker.io was asked too often (429)" in shown


def test_each_registry_is_asked_once_about_an_image() -> None:
    world = World()
    world.look()
    assert sorted(world.asked) == sorted(CURRENT)


@pytest.mark.parametrize(
    ("stack", "says"), [("", "no stack was named"), ("nope", "There is no Pulumi.nope.yaml")]
)
def test_a_stack_that_is_not_there_is_told(stack: str, says: str) -> None:
    facts = World().look(stack=stack)
    assert facts.could_not_look
    assert says in facts.could_not_look.what
    assert facts.exit_status == 2


def test_a_project_without_a_folder_for_them_has_its_stack_files_beside_its_own(tmp_path: Path) -> None:
    shutil.copy(STACKS / "Pulumi.chat.yaml", tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: homeport\nruntime: python\n")
    assert World().look(tmp_path).exit_status == 0


def test_mistakes_in_the_settings_are_told(tmp_path: Path) -> None:
    facts = World().look(project(tmp_path, lambda text: text.replace("version: 11.7.0", "version: latest")))
    assert facts.could_not_look
    assert "homeport:apps[0].version" in facts.could_not_look.what


def test_the_file_of_a_stack_with_a_long_name_is_that_of_its_last_part() -> None:
    facts = World().look(stack="ada/homeport/chat")
    assert (facts.stack, facts.exit_status) == ("ada/homeport/chat", 0)


def test_no_line_is_wider_than_the_screen_but_for_an_address() -> None:
    world = newer(
        postgres=["17.99", "18.6", "20.1"], nginx=[f"{NGINX_LINE}.999"], mattermost_team_edition=["12.1.0"]
    )
    world.tags[COMPANION] = TagsError("registry-1.docker.io answers 503 about nginxproxy/acme-companion")
    lines = screen(world.look(), colour=False).splitlines()
    assert [line for line in lines if len(line) > WIDTH and "https://" not in line] == []


def test_the_json_object_has_the_verdict_and_all_of_attention() -> None:
    facts = json.loads(newer(postgres=["17.99"]).look().as_json())
    assert (facts["exitStatus"], facts["stack"], facts["couldNotLook"]) == (1, "chat", None)
    assert facts["allAttention"] == [each for image in facts["images"] for each in image["attention"]]
    (postgres,) = (each for each in facts["images"] if each["image"] == "postgres")
    assert postgres["newer"] == {
        "tag": "17.99",
        "releaseNotes": "https://www.postgresql.org/docs/release/17.99/",
    }
    assert set(postgres) == {
        *(
            "image",
            "tag",
            "deployed",
            "planned",
            "settings",
            "newer",
            "nextLine",
            "newest",
            "note",
            "problem",
        ),
        "attention",
    }


def test_the_command_asks_the_registry_that_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # No engine: nothing is deployed then.
    monkeypatch.setattr(shutil, "which", lambda _name, path=None: "false")
    published = {name if "/" in name else f"library/{name}": tags for name, tags in CURRENT.items()}
    with TagRegistry({**published, MATTERMOST: ["11.7.0", "11.8.0"]}, tokens=True, page=2) as registry:
        status = main(["--stack", "chat", "--json", "--registry", registry.address])
    told = json.loads(capsys.readouterr().out)
    assert (status, told["exitStatus"], told["undeployed"]) == (1, 1, "pulumi stack export failed")
    assert [image["image"] for image in told["images"] if image["newer"]] == [MATTERMOST]


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [("--registry", "mirror.example.com", "is no URL"), ("--root", "no.pem", "is no PEM file")],
)
def test_an_option_that_cannot_be_is_refused_in_words(
    option: str, value: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--stack", "chat", option, value])
    assert says in capsys.readouterr().err
