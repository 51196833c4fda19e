"""Containers at the edge of their rules."""

from __future__ import annotations

import pytest

from policies.kinds import REMOTE_IMAGE
from tests.unit.policies.asked import UNKNOWN, Asked, container, found, labelled, secret


@pytest.mark.parametrize(
    "command",
    [
        ["supervisord", "-n"],
        ["/usr/bin/s6-svscan", "/etc/s6"],
        ["/sbin/init"],
        ["sh", "-c", "nginx & exec puma"],
        ["bash", "-euc", "runsvdir /etc/service"],
    ],
)
def test_an_init_bundle_is_more_than_one_process(command: list[str]) -> None:
    assert len(found("one-process", container(command=command))) == 1


@pytest.mark.parametrize(
    "command",
    [
        ["sh", "-c", "test -e /x && exec app --url 'http://a/?b=1&c=2' >&2"],
        ["sh", "-c", "exec app 2>&1 &>log"],
        ["bin/rails", "init"],
        ["app", "-c", "a & b"],
        ["sh", "-c", "echo systemd; exec app"],
    ],
)
def test_a_shell_that_ends_in_one_program_is_one_process(command: list[str]) -> None:
    assert found("one-process", container(command=command)) == []


def test_an_image_that_is_an_init_bundle_is_known_by_its_name() -> None:
    assert len(found("one-process", Asked(REMOTE_IMAGE, {"name": "phusion/baseimage:1.0.2"}))) == 1


def test_an_image_that_is_an_ssh_server_is_known_by_its_name() -> None:
    assert len(found("no-ssh-server", Asked(REMOTE_IMAGE, {"name": "linuxserver/openssh-server:9.7.1"}))) == 1


def test_port_22_of_a_container_is_an_ssh_server() -> None:
    assert len(found("no-ssh-server", container(ports=[{"internal": 22, "external": 2222}]))) == 1


@pytest.mark.parametrize("job", [{"rm": True}, {"attach": True}, {"mustRun": False}])
def test_a_job_needs_neither_restart_policy_nor_health_check(job: dict[str, bool]) -> None:
    asked = container(restart=None, healthcheck=None, wait=None, **job)

    assert found("restart-policy", asked) + found("health-check", asked) == []


def test_the_health_check_of_the_image_is_enough_where_the_update_waits_for_it() -> None:
    assert found("health-check", container(healthcheck=None)) == []


def test_a_health_check_that_is_turned_off_is_none() -> None:
    assert len(found("health-check", container(healthcheck={"tests": ["NONE"]}))) == 1


@pytest.mark.parametrize("driver", [None, "none", "json-file", "homemade"])
def test_a_log_that_may_grow_or_goes_nowhere_is_reported(driver: str | None) -> None:
    assert found("logs-rotated", container(logDriver=driver))


@pytest.mark.parametrize("driver", ["local", "journald", "gcplogs", "fluentd"])
def test_a_driver_that_rotates_or_sends_away_is_not(driver: str) -> None:
    assert found("logs-rotated", container(logDriver=driver)) == []


def test_an_anonymous_volume_is_reported() -> None:
    (report,) = found("data-in-volumes", container(volumes=[{"containerPath": "/data"}]))

    assert "has an anonymous volume at /data" in report


def test_an_anonymous_volume_may_hold_what_is_named_as_scratch() -> None:
    volumes = [{"containerPath": path} for path in ("/tmp", "/data")]

    (report,) = found("data-in-volumes", labelled("homeport.scratch", "/tmp /var/cache", volumes=volumes))

    assert "at /data" in report


def test_a_bind_mount_in_the_newer_form_is_reported() -> None:
    mounts = [{"type": "bind", "source": "/home", "target": "/data"}, {"type": "tmpfs", "target": "/tmp"}]

    assert len(found("data-in-volumes", container(mounts=mounts))) == 1


@pytest.mark.parametrize("path", ["/etc/ssl/certs/ca-certificates.crt", "/usr/share/misc"])
def test_what_the_programs_containers_need_of_the_machine_may_be_mounted(path: str) -> None:
    assert found("data-in-volumes", container(volumes=[{"hostPath": path, "containerPath": path}])) == []


@pytest.mark.parametrize("user", [None, "0", "0:0", "root:1000"])
def test_root_has_several_names(user: str | None) -> None:
    assert len(found("non-root-user", container(user=user))) == 1


def test_a_reason_excuses_root() -> None:
    assert found("non-root-user", labelled("homeport.root", "starts as root and steps down", user=None)) == []


def test_a_reason_excuses_a_root_file_system_that_is_written() -> None:
    asked = labelled("homeport.writable", "unpacks plugins beside its program", readOnly=None)

    assert found("read-only-root", asked) == []


def test_true_is_no_reason() -> None:
    assert len(found("non-root-user", labelled("homeport.root", "true", user=None))) == 1


def test_a_reason_for_one_rule_is_none_for_another() -> None:
    assert len(found("read-only-root", labelled("homeport.root", "starts as root", readOnly=None))) == 1


def test_capabilities_are_known_with_and_without_their_prefix() -> None:
    asked = container(capabilities={"drops": ["CAP_ALL"], "adds": ["CAP_SETUID", "SETGID"]})

    assert found("capabilities-dropped", asked) == []


def test_to_drop_some_capabilities_is_not_enough() -> None:
    assert len(found("capabilities-dropped", container(capabilities={"drops": ["NET_RAW"]}))) == 1


@pytest.mark.parametrize("name", ["networkMode", "pidMode", "ipcMode", "usernsMode"])
def test_each_namespace_of_the_machine_is_reported(name: str) -> None:
    assert len(found("no-machine-namespace", container(**{name: "host"}))) == 1


def test_a_socket_under_another_name_is_a_docker_socket() -> None:
    volumes = [{"hostPath": "/srv/containerd.sock", "containerPath": "/run/any"}]

    assert len(found("no-published-docker-socket", container(volumes=volumes, publishAllPorts=True))) == 1


def test_a_volume_whose_name_is_not_known_yet_is_a_declared_one() -> None:
    assert found("data-in-volumes", container(volumes=[{"volumeName": UNKNOWN, "containerPath": "/d"}])) == []


def test_a_database_on_another_port_of_the_machine_is_published_all_the_same() -> None:
    assert len(found("no-published-database", container(ports=[{"internal": 6379, "external": 80}]))) == 1


def test_a_report_does_not_show_what_is_secret() -> None:
    (report,) = found("non-root-user", container(user=secret("root:hunter2")))

    assert "runs as [secret]" in report
    assert "hunter2" not in report
