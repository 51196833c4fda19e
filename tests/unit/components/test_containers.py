"""Which containers scripts find: those of one deployment, whatever else is on the engine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from components.host.advice import Advice
from components.host.deployment import CONTAINERS
from tests.unit.components.docker_stub import OURS, Engine

REPOSITORY = Path(__file__).parents[3]
COMPONENTS = REPOSITORY / "components"
OF_THE_MACHINE = {
    "components/host/bootstrap.sh": "whoever holds Docker's socket has to start anew when it is made anew",
    "components/host/rest.sh": "everything stops before the data disk is copied",
}
"""Scripts that mean every container of a machine, whoever made it."""
SEARCH = re.compile(r"docker (container )?(ps|ls|list)\b|--filter[= ](?!health=)|label=homeport")
WEB = {"app": "chat", "service": "web"}
DATABASE = {"app": "chat", "service": "postgres", "generation": "17"}
OWN = {
    "name": "chat-job",
    "image": "image",
    "network": "back",
    "mounts": "",
    "confinement": "",
    "memory": "64",
    "memory_and_swap": "64",
}
"""What a job in a container of its own is told besides."""
JOB = {
    "app": "chat",
    "environment": "",
    "command": "true",
    "done_before": "",
    "then": "",
}


def found(engine: Engine, words: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """What the function prints."""
    script = tmp_path / "script.sh"
    script.write_text(f"set -euo pipefail\ncontainers {words}\n")
    return engine.run(script)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("", "0 1 2"),
        ("app=chat", "0 1"),
        ("app", "0 1"),
        ("app=chat service=web", "0"),
        ("app=chat service=postgres generation=17", "1"),
        ("generation=16", ""),
        ("role=nginx", "2"),
        ("name=chat-nginx", "2"),
        ("name=chat-ngin", ""),
        ("app=chat --format='{{.Label \"homeport.service\"}}'", "web postgres"),
    ],
)
def test_a_search_finds_only_what_the_deployment_made(tmp_path: Path, words: str, numbers: str) -> None:
    engine = Engine.with_both(tmp_path, WEB, DATABASE, {"role": "nginx", "name": "chat-nginx"})
    names = [word if word.isalpha() else f"{OURS}-{word}" for word in numbers.split()]
    assert found(engine, words, tmp_path).stdout.split() == names


def test_those_that_do_not_run_are_found_where_all_are_asked_for(tmp_path: Path) -> None:
    engine = Engine.with_both(tmp_path, WEB, running=False)
    assert found(engine, "service=web", tmp_path).stdout == ""
    assert found(engine, "--all service=web", tmp_path).stdout.split() == [f"{OURS}-0"]


@pytest.mark.parametrize("words", ["app=", "web", "labels=x", "''"])
def test_a_word_that_selects_nothing_is_an_error_and_not_everything(tmp_path: Path, words: str) -> None:
    ran = found(Engine.with_both(tmp_path, WEB), words, tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")


def test_without_a_deployment_nothing_is_found(tmp_path: Path) -> None:
    engine = Engine.with_both(tmp_path, WEB)
    ran = subprocess.run(
        ["bash", "-c", f". {CONTAINERS}; containers app=chat"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{engine.folder}:/usr/bin:/bin"},
    )
    assert ran.returncode != 0
    assert "DEPLOYMENT" in ran.stderr


def test_a_job_inside_runs_in_our_container_and_stops_our_older_ones(tmp_path: Path) -> None:
    engine = Engine.with_both(tmp_path, WEB, WEB, DATABASE)
    ran = engine.run(COMPONENTS / "job_inside.sh", **JOB, service="web", generation="", input="", alone="1")
    assert ran.returncode == 0, ran.stderr
    assert [words[0] for words in engine.commands()] == ["stop", "exec"]
    assert engine.commands()[0] == ["stop", f"{OURS}-1"]
    assert f"{OURS}-0" in engine.commands()[1]


def test_a_job_inside_a_server_with_generations_takes_the_one_of_its_generation(tmp_path: Path) -> None:
    engine = Engine.with_both(tmp_path, {**DATABASE, "generation": "16"}, DATABASE)
    engine.run(COMPONENTS / "job_inside.sh", **JOB, service="postgres", generation="17", input="", alone="0")
    assert engine.touched() == {f"{OURS}-1"}


def test_a_job_in_a_container_of_its_own_stops_our_older_ones_alone(tmp_path: Path) -> None:
    engine = Engine.with_both(tmp_path, WEB, WEB, {**DATABASE, "generation": "16"}, DATABASE)
    ran = engine.run(
        COMPONENTS / "job_container.sh",
        **JOB,
        **OWN,
        alone="1",
    )
    assert ran.returncode == 0, ran.stderr
    assert engine.touched() == {f"{OURS}-1"}


def test_a_job_that_was_killed_says_so_in_words_that_come_with_what_to_do(tmp_path: Path) -> None:
    engine = Engine.with_both(tmp_path, WEB, run=137, exec=137)
    inside = {"service": "web", "generation": "", "input": "", "alone": "0"}
    for ran in (
        engine.run(COMPONENTS / "job_inside.sh", **JOB, **inside),
        engine.run(COMPONENTS / "job_container.sh", **JOB, **OWN, alone="0"),
    ):
        assert ran.returncode == 1
        assert "exit code 137" in ran.stderr
        assert "raise its memory" in Advice("chat", True, set()).about([ran.stderr])


def test_new_settings_reach_our_nginx_alone(tmp_path: Path) -> None:
    engine = Engine.with_both(tmp_path, {"role": "nginx"}, {"role": "docker-gen"}, WEB, owner="chat")
    told = {"app": "chat", "name": "chat.test", "vhosts": "vhost", "passwords": "htpasswd", "names": ""}
    ran = engine.run(COMPONENTS / "edge" / "virtual_host.sh", **told, image="nginx", files="a Yg==")
    assert ran.returncode == 0, ran.stderr
    assert engine.touched() == {f"{OURS}-{number}" for number in range(3)}


def test_a_leftover_is_removed_and_the_container_of_its_name_elsewhere_stays(tmp_path: Path) -> None:
    engine = Engine.with_both(tmp_path, {"name": "chat-web"}, {"name": "chat-web-2"}, running=False)
    ran = engine.run(COMPONENTS / "host" / "leftover.sh", name="chat-web")
    assert ran.returncode == 0, ran.stderr
    assert engine.touched() == {f"{OURS}-0"}


def test_the_last_words_are_those_of_our_container(tmp_path: Path) -> None:
    engine = Engine.with_both(tmp_path, {"name": "chat-web"}, running=False)
    assert engine.run(COMPONENTS / "host" / "last_words.sh", name="chat-web").returncode == 0
    assert engine.touched() == {f"{OURS}-0"}


def _sources() -> list[Path]:
    folders = (COMPONENTS, REPOSITORY / "operations", REPOSITORY / "stacks")
    return [path for folder in folders for kind in ("*.sh", "*.py") for path in folder.rglob(kind)]


def test_nothing_else_looks_for_containers() -> None:
    library = str(CONTAINERS.relative_to(REPOSITORY))
    searching = {
        str(path.relative_to(REPOSITORY))
        for path in _sources()
        for line in path.read_text().splitlines()
        # What an operator is told to type is prose, in backquotes.
        if SEARCH.search(line.split("#")[0]) and "`docker ps" not in line
    }
    assert searching == {library, *OF_THE_MACHINE}
