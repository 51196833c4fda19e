from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.unit.deployment.recorder import Changes, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.value import at

_GOOGLE: Changes = {"homeport:logs": {"kind": "gcplogs"}}
_AWAIT = Path(__file__).parents[3] / "components" / "host" / "await_logging.sh"


def containers(recording: Recording) -> list[Resource]:
    return recording.all("docker:Container")


@pytest.fixture
def google() -> Recording:
    return deployed("chat", _GOOGLE)


def test_every_container_sends_its_lines_with_a_tag_of_app_and_service() -> None:
    on: Changes = {"homeport:logs": {"kind": "fluentd", "address": "10.0.0.5:24224"}}
    found = {str(at(c.inputs, ("logOpts", "tag"))) for c in containers(deployed("chat", on))}
    assert found == {
        "homeport.chat.edge.nginx",
        "homeport.chat.edge.docker-gen",
        "homeport.chat.edge.acme-companion",
        "homeport.chat.mattermost.postgres",
        "homeport.chat.mattermost.mattermost",
    }


def test_the_tag_is_what_the_stack_says() -> None:
    on: Changes = {"homeport:logs": {"kind": "fluentd", "address": "10.0.0.5:24224", "tag": "{app}.x"}}
    tags = {str(container.at("logOpts", "tag")) for container in containers(deployed("chat", on))}
    assert tags == {"edge.x", "mattermost.x"}


def test_no_container_waits_for_fluentd() -> None:
    on: Changes = {"homeport:logs": {"kind": "fluentd", "address": "10.0.0.5:24224"}}
    for container in containers(deployed("chat", on)):
        assert container.at("logDriver") == "fluentd"
        assert container.at("logOpts", "fluentd-async") == "true"
        assert container.at("logOpts", "fluentd-buffer-limit") == "8192"


def test_google_gets_app_and_service_as_labels(google: Recording) -> None:
    for container in containers(google):
        assert container.at("logDriver") == "gcplogs"
        assert container.at("logOpts") == {"labels": "homeport.app,homeport.service,homeport.role"}


def test_the_machine_may_write_logs_and_nothing_else(google: Recording) -> None:
    member = google.one("gcp:projects:IAMMember")
    assert member.inputs == {
        "project": "project",
        "role": "roles/logging.logWriter",
        "member": "serviceAccount:homeport-chat@project.iam",
    }


def test_containers_wait_until_google_takes_their_lines(google: Recording) -> None:
    wait = google.one("command:remote:Command", "homeport-chat-log-writer")
    assert [one.name for one in containers(google) if wait.name not in google.before(one)] == []
    assert google.one("gcp:projects:IAMMember").urn in wait.depends_on


def test_no_role_is_given_where_logs_stay_on_the_machine() -> None:
    assert deployed("chat").all("gcp:projects:IAMMember") == []


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """An environment whose curl is Google's: it refuses twice, and then takes the entry."""
    curl = tmp_path / "curl"
    curl.write_text(
        f"""#!/usr/bin/env bash
case "$*" in
*project-id*) printf my-project ;;
*token*) printf '{{"access_token":"secret-token","expires_in":3599}}' ;;
*) cat >>{tmp_path}/headers; printf '%s\\n' "$*" >>{tmp_path}/requests
   (($(wc -l <{tmp_path}/requests) > 2)) || {{ echo PERMISSION_DENIED; exit 22; }} ;;
esac
"""
    )
    sleep = tmp_path / "sleep"
    sleep.write_text("#!/bin/sh\n")
    for program in (curl, sleep):
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}


def test_the_wait_ends_with_the_first_entry_that_is_taken(machine: dict[str, str], tmp_path: Path) -> None:
    subprocess.run(["bash", str(_AWAIT)], env=machine, check=True, timeout=20)
    requests = (tmp_path / "requests").read_text()
    assert requests.count("entries:write") == 3
    assert "projects/my-project/logs/homeport" in requests
    assert '"dryRun": true' in requests


def test_the_token_is_no_argument(machine: dict[str, str], tmp_path: Path) -> None:
    subprocess.run(["bash", str(_AWAIT)], env=machine, check=True, timeout=20)
    assert "secret-token" not in (tmp_path / "requests").read_text()
    assert "Authorization: Bearer secret-token" in (tmp_path / "headers").read_text()
