from __future__ import annotations

import http.server
import os
import socketserver
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tools.docker_engine import (
    DEFAULT_ENDPOINT,
    Action,
    Answer,
    Situation,
    ask,
    check,
    decide,
    endpoint,
    explain,
    is_process,
    last_words,
    remove_stale,
    start_by_systemd,
    to_install,
    wait_until_it_answers,
)
from tools.progress import SetupError

BARE = Situation(
    endpoint=DEFAULT_ENDPOINT,
    answer=Answer(error="No such file or directory"),
    can_install=True,
    is_root=True,
    daemon=None,
    missing=("debootstrap",),
)
"""Debian, root, nothing installed."""


def test_an_engine_that_answers_is_used() -> None:
    assert decide(replace(BARE, answer=Answer(version="20.10.24"))) is Action.USE


def test_root_on_debian_gets_an_engine_installed() -> None:
    assert decide(BARE) is Action.INSTALL


def test_an_installed_engine_is_started_not_installed_again() -> None:
    assert decide(replace(BARE, daemon="/usr/sbin/dockerd")) is Action.START


def test_a_user_who_is_not_root_is_told_what_to_do() -> None:
    assert decide(replace(BARE, is_root=False, can_install=False)) is Action.EXPLAIN


def test_a_user_who_is_not_root_starts_no_engine() -> None:
    now = replace(BARE, is_root=False, can_install=False, daemon="/usr/sbin/dockerd")
    assert decide(now) is Action.EXPLAIN


def test_an_endpoint_that_somebody_chose_is_never_replaced() -> None:
    assert decide(replace(BARE, endpoint="tcp://127.0.0.1:2375")) is Action.EXPLAIN


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (replace(BARE, can_install=False), "apt-get install --no-install-recommends docker.io debootstrap"),
        (replace(BARE, daemon="/usr/sbin/dockerd"), "systemctl start docker"),
        (replace(BARE, answer=Answer(error="Permission denied")), "usermod -aG docker"),
        (replace(BARE, endpoint="unix:///run/user/1/docker.sock"), "at unix:///run/user/1/docker.sock"),
    ],
)
def test_the_message_says_what_to_do(now: Situation, words: str) -> None:
    assert words in explain(now)


def test_one_command_helps_a_user_who_lacks_the_group_and_packages() -> None:
    now = replace(BARE, is_root=False, can_install=False, answer=Answer(error="[Errno 13] Permission denied"))
    assert (
        'sudo apt-get install --no-install-recommends debootstrap && sudo usermod -aG docker "$USER"'
        in explain(now)
    )


def test_a_user_without_an_engine_is_told_of_the_group_in_the_same_command() -> None:
    words = explain(replace(BARE, is_root=False, can_install=False))
    assert 'docker.io debootstrap && sudo usermod -aG docker "$USER"' in words


def test_packages_that_only_root_can_install_are_missed_before_anything_begins() -> None:
    now = replace(BARE, is_root=False, can_install=False, answer=Answer(version="29.0.1"))
    with pytest.raises(SetupError, match=r"The sandbox needs debootstrap\.\n.*sudo apt-get install"):
        check(now)


def test_what_root_will_install_is_no_reason_to_stop() -> None:
    check(BARE)
    assert to_install(BARE) == ["docker.io", "debootstrap"]


def test_an_engine_says_its_version_over_its_socket(tmp_path: Path) -> None:
    with socketserver.UnixStreamServer(str(tmp_path / "docker.sock"), _Engine) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert ask(f"unix://{tmp_path}/docker.sock") == Answer(version="29.0.1")


class _Engine(http.server.BaseHTTPRequestHandler):
    """Answers as Docker does."""

    def do_GET(self) -> None:
        assert self.path == "/version"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"Version": "29.0.1"}')

    def address_string(self) -> str:
        return "a socket in the file system"

    def log_message(self, *_: object) -> None:
        return


def test_an_engine_that_does_not_start_is_told_with_its_own_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "failed to start daemon: unable to configure the Docker daemon with file /etc/docker/daemon.json"
    _command(tmp_path, "systemctl", "echo 'Job for docker.service failed. See journalctl -xe.' >&2; exit 1")
    _command(tmp_path, "journalctl", f'case "$*" in *--since=@*_COMM=dockerd*) echo "{said}" ;; esac')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SetupError) as caught:
        start_by_systemd(tmp_path / "log")
    assert str(caught.value).splitlines() == [
        "Docker engine: systemctl start docker: systemctl failed with status 1.",
        "  Its last lines:",
        f"    {said}",
    ]


def test_without_a_line_of_the_engine_systemd_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _command(tmp_path, "journalctl", 'case "$*" in *_COMM=dockerd*) echo "-- No entries --" ;; esac')
    _command(tmp_path, "systemctl", "echo 'docker.service: Unit is masked.'; exit 3")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert last_words(since=0).endswith("    docker.service: Unit is masked.")


def _command(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_docker_host_says_where_the_engine_is() -> None:
    assert endpoint({"DOCKER_HOST": "unix:///run/mine.sock"}) == "unix:///run/mine.sock"


def test_an_endpoint_without_an_engine_says_why(tmp_path: Path) -> None:
    answer = ask(f"unix://{tmp_path}/none.sock")
    assert not answer.version
    assert "No such file" in answer.error


def test_an_engine_on_another_machine_is_refused() -> None:
    assert "over ssh" in ask("ssh://root@192.0.2.1").error


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc with dockerd as process 10 and another program as process 20."""
    for process, name in (("10", "dockerd"), ("20", "bash")):
        folder = tmp_path / "proc" / process
        folder.mkdir(parents=True)
        (folder / "comm").write_text(f"{name}\n")
    return tmp_path / "proc"


@pytest.mark.parametrize(
    ("content", "stale"), [("10", False), ("20", True), ("30", True), ("", True), ("rubbish", True)]
)
def test_a_pid_file_is_removed_only_if_its_engine_is_gone(
    tmp_path: Path, proc: Path, content: str, stale: bool
) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text(content)
    remove_stale({pid_file: "dockerd"}, proc)
    assert pid_file.exists() is not stale


def test_a_missing_pid_file_is_no_process(tmp_path: Path, proc: Path) -> None:
    assert not is_process(tmp_path / "docker.pid", "dockerd", proc)


def test_waiting_ends_with_the_first_answer(tmp_path: Path) -> None:
    answers = iter([Answer(error="not yet"), Answer(version="20.10.24"), Answer(error="asked too often")])
    wait_until_it_answers(lambda: False, tmp_path / "log", answers=lambda: next(answers), pause=0)
    assert next(answers).error == "asked too often"


def test_an_engine_that_ends_at_once_is_reported_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("failed to start daemon: no cgroups\n")
    with pytest.raises(SetupError, match="ended right after its start") as caught:
        wait_until_it_answers(lambda: True, log, answers=lambda: Answer(error="refused"))
    assert "no cgroups" in str(caught.value)


def test_an_engine_that_never_answers_is_given_up_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"did not answer within 0 s \(refused\)"):
        wait_until_it_answers(
            lambda: False, tmp_path / "log", limit=0, answers=lambda: Answer(error="refused"), pause=0
        )
