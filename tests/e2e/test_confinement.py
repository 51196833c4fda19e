"""What each container of the stack can do, by the kernel's own account."""

from __future__ import annotations

import pytest

from tests.e2e.confined import confined, expected
from tests.e2e.deployed import Deployed

CONTAINERS = {
    "nginx": expected(
        *(0, "/run", "/var/cache/nginx"),
        capabilities=frozenset({"CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID"}),
    ),
    "docker-gen": expected(0, "/etc/homeport", "/etc/nginx/conf.d"),
    # These two say in a label why their root file system can be written.
    "acme-companion": expected(0, "/"),
    "mattermost": expected(2000, "/"),
    "postgres": expected(999, "/run/postgresql", "/tmp", "/var/lib/postgresql/data"),
}


@pytest.mark.parametrize("service", CONTAINERS)
def test_a_container_can_do_and_write_what_it_was_given_and_no_more(deployed: Deployed, service: str) -> None:
    assert confined(deployed, deployed.container(service)) == CONTAINERS[service]


def test_no_other_container_runs(deployed: Deployed) -> None:
    running = deployed.docker("ps", "--format", '{{.Label "homeport.service"}}{{.Label "homeport.role"}}')
    assert sorted(running.split()) == sorted(CONTAINERS)


def test_not_even_root_writes_into_a_read_only_container(deployed: Deployed) -> None:
    ran = deployed.on_machine("docker", "exec", "--user", "0", deployed.container("nginx"), "touch", "/etc/x")
    assert ran.status != 0
    assert "Read-only file system" in ran.output


def test_the_workers_of_nginx_are_not_root(deployed: Deployed) -> None:
    listed = deployed.docker("top", deployed.container("nginx"), "-eo", "pid,uid,args")
    workers = [line.split()[1] for line in listed.splitlines() if "worker process" in line]
    assert set(workers) == {"101"}
