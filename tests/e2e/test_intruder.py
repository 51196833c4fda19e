"""An app that was taken over, through a hostile link or upload: what is out of its reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.deployed import Deployed
from tests.e2e.intruder import Intruder, inside, listening_ports, machine_addresses

METADATA = ("169.254.169.254", "metadata.google.internal")
METADATA_6 = "fd20:ce::254"
"""Where Google's machines with IPv6 find it."""


@pytest.fixture(scope="module")
def intruder(deployed: Deployed) -> Iterator[Intruder]:
    """In the app's container."""
    with inside(deployed, deployed.container("mattermost")) as found:
        yield found


@pytest.fixture(scope="module")
def intruder_behind(deployed: Deployed) -> Iterator[Intruder]:
    """In the database's."""
    with inside(deployed, deployed.container("postgres")) as found:
        yield found


def test_what_the_app_needs_is_in_its_reach(intruder: Intruder) -> None:
    assert intruder.reached(["postgres-17", intruder.deployed.address], [5432, 443]) == {
        ("postgres-17", 5432),
        (intruder.deployed.address, 443),
    }


def test_the_app_does_not_reach_the_metadata_by_address_or_by_name(intruder: Intruder) -> None:
    assert METADATA[0] in intruder.run("getent", "hosts", METADATA[1]).output
    assert intruder.reached(METADATA, [80, 443]) == set()


def test_the_app_has_no_ipv6_to_reach_the_metadata_by(intruder: Intruder) -> None:
    assert intruder.run("curl", "--max-time", "2", f"http://[{METADATA_6}]/").status == 7
    addresses = intruder.run("cat", "/proc/net/if_inet6").output.split("\n")
    assert {line[:4] for line in addresses if line} <= {"0000", "fe80"}


def test_the_app_has_no_docker_socket(deployed: Deployed) -> None:
    for path in ("/var/run/docker.sock", "/run/docker.sock", "/tmp/docker.sock", "/run/containerd"):
        ran = deployed.on_machine("docker", "cp", f"{deployed.container('mattermost')}:{path}", "-")
        assert (ran.status, "No such container:path" in ran.output) == (1, True), (
            f"{path}: {ran.output[:200]}"
        )


def test_no_docker_engine_listens_where_the_app_could_ask_it(intruder: Intruder) -> None:
    assert intruder.reached(machine_addresses(intruder.deployed), [2375, 2376, 2377, 4243]) == set()


def test_the_app_does_not_reach_the_machines_ssh(intruder: Intruder) -> None:
    assert 22 in listening_ports(intruder.deployed)
    assert intruder.reached(machine_addresses(intruder.deployed), [22]) == set()


def test_the_database_does_not_reach_the_machines_ssh(intruder_behind: Intruder) -> None:
    assert intruder_behind.reached(machine_addresses(intruder_behind.deployed), [22]) == set()


def test_of_what_listens_on_the_machine_only_nginx_answers_containers(
    deployed: Deployed, intruder: Intruder
) -> None:
    image = str(deployed.inspect(deployed.container("nginx"))[0]["Image"])
    other = deployed.docker("run", "--detach", "--rm", "--publish", "9091:80", image)
    try:
        listening = listening_ports(deployed)
        assert {22, 9091} <= listening
        reached = intruder.reached(machine_addresses(deployed), listening)
        assert {port for _, port in reached} == {80, 443}
    finally:
        deployed.docker("stop", "--time", "1", other)


def test_the_machine_keeps_containers_out_over_ipv6_as_well(deployed: Deployed) -> None:
    # The sandbox has no IPv6 outside of containers to try it with, so the rules are compared.
    for chain in ("INPUT", "HOMEPORT-INPUT", "HOMEPORT-CONTAINER"):
        four, six = (
            deployed.on_machine(command, "-S", chain).output for command in ("iptables", "ip6tables")
        )
        assert [line.split(" --reject-with")[0] for line in six.splitlines()] == [
            line.split(" --reject-with")[0] for line in four.splitlines()
        ]


def test_the_rules_are_there_before_docker_starts(deployed: Deployed) -> None:
    after = deployed.on_machine("systemctl", "show", "--property", "After,Requires", "docker").output
    for line in after.splitlines():
        assert {"homeport-metadata.service", "homeport-input.service"} <= set(line.split("=", 1)[1].split())


def test_the_rules_are_there_again_after_they_were_lost(deployed: Deployed, intruder: Intruder) -> None:
    deployed.on_machine("iptables", "-D", "INPUT", "-j", "HOMEPORT-INPUT")
    assert intruder.reaches(deployed.address, 22)
    for _ in range(2):
        assert deployed.on_machine("systemctl", "reload", "homeport-input").status == 0
    assert not intruder.reaches(deployed.address, 22)
    rules = deployed.on_machine("iptables", "-S", "INPUT").output
    assert rules.count("HOMEPORT-INPUT") == 1
