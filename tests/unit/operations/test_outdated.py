"""`make outdated` as a whole: which images are asked about, what is said of them, and the exit status."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.default_images import default_tag
from operations import outdated
from operations.deployed_stack import PulumiError
from operations.image_registry import TagsError, UnreachableRegistryError
from operations.outdated import Question, look, main
from operations.outdated_facts import ImageFact, OutdatedFacts
from operations.outdated_screen import WIDTH, screen
from tests.unit.operations.tag_registry import TagRegistry
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


Change = Callable[[str], str]


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[Change], Path]:
    """A project whose stack `chat` has another file."""

    def project(change: Change) -> Path:
        shutil.copy(STACKS.parent / "Pulumi.yaml", tmp_path)
        (tmp_path / "stacks").mkdir()
        text = (STACKS / "Pulumi.chat.yaml").read_text()
        (tmp_path / "stacks" / "Pulumi.chat.yaml").write_text(change(text))
        return tmp_path

    return project


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


def test_a_second_database_of_an_older_line_is_compared_with_its_own(
    changed: Callable[[Change], Path],
) -> None:
    second = """
    - kind: mattermost
      name: team
      hostname: team.example.com
      version: 11.7.0
      postgres: {version: "15.14"}
      administrator: {email: admin@example.com}
"""
    project = changed(lambda text: text.rstrip() + second)
    world = newer(postgres=["15.19"])
    world.deployed = [f"postgres:{POSTGRES}", "postgres:15.13"]
    old, new = (each for each in world.look(project).images if each.image == "postgres")
    assert (old.tag, old.planned, old.settings) == (
        "15.13",
        "15.14",
        ("homeport:apps[1].postgres.version",),
    )
    assert old.newer
    assert old.newer.tag == "15.19"
    assert (new.tag, new.newer) == (POSTGRES, None)


def test_an_image_that_is_built_is_judged_by_the_one_it_is_built_from(
    changed: Callable[[Change], Path],
) -> None:
    project = changed(
        lambda text: text.replace("      version: 11.7.0", "      version: 11.7.0\n      image: {build: {}}")
    )
    world = newer(mattermost_team_edition=["11.8.0"])
    world.deployed = ["homeport/mattermost-team:11.6.0-team-11.6.0-2000-abc"]
    found = fact(world.look(project), MATTERMOST)
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


def test_a_tag_that_has_more_numbers_beyond_it_moves(changed: Callable[[Change], Path]) -> None:
    world = World({**CURRENT, "ghcr.io/me/page": ["1.2", "1.2.7", "1.3"]})
    facts = world.look(changed(lambda text: text.rstrip() + WEB.replace("IMAGE", "ghcr.io/me/page:1.2")))
    found = fact(facts, "ghcr.io/me/page")
    assert (found.note, found.newer) == ("the tag 1.2 moves: the registry has 1.2.7", None)


def test_a_version_with_a_digest_is_compared_by_its_version() -> None:
    world = World({**CURRENT, "ghcr.io/me/page": ["v1.2.0", "v1.3.0"]})
    world.deployed = [f"ghcr.io/me/page:v1.2.0@sha256:{64 * '0'}"]
    found = fact(world.look(), "ghcr.io/me/page")
    assert "digest" in (found.note or "")
    assert found.newer
    assert found.newer.tag == "v1.3.0"


def test_where_the_settings_name_a_whole_image_its_whole_tag_is_what_to_say(
    changed: Callable[[Change], Path],
) -> None:
    world = World({**CURRENT, "ghcr.io/me/page": ["v1.2.0", "v1.3.0"]})
    project = changed(lambda text: text.rstrip() + WEB.replace("IMAGE", "ghcr.io/me/page:v1.2.0"))
    (attention,) = world.look(project).attention
    assert attention.do.startswith("say v1.3.0 in homeport:apps[1].image of ")


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


def test_mistakes_in_the_settings_are_told(changed: Callable[[Change], Path]) -> None:
    facts = World().look(changed(lambda text: text.replace("version: 11.7.0", "version: latest")))
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
    monkeypatch.setattr(shutil, "which", lambda _name: "false")
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
    assert outdated.__doc__
