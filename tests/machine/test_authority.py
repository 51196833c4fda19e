"""A machine and the root that its box trusts, when that root is made anew."""

from __future__ import annotations

from sandbox.box import Box
from tests.machine.bare_machine import BareMachine

_ASK = "curl --silent --show-error --fail https://registry-1.docker.io/v2/"


def started(box: Box, machine: BareMachine) -> str:
    return str(box.client.containers.get(machine.container_name).attrs["State"]["StartedAt"])


def test_a_machine_that_knows_only_an_older_root_boots_and_trusts_the_new_one(
    bootstrap_box: Box, machine: BareMachine
) -> None:
    before = started(bootstrap_box, machine)
    bootstrap_box.authority.certificate.unlink()
    bootstrap_box.start()
    assert started(bootstrap_box, machine) != before
    machine.read(_ASK)


def test_a_machine_that_knows_the_root_goes_on(bootstrap_box: Box, machine: BareMachine) -> None:
    before = started(bootstrap_box, machine)
    bootstrap_box.start()
    assert started(bootstrap_box, machine) == before
    machine.read(_ASK)


def test_the_issuing_roots_of_before_stay_trusted(bootstrap_box: Box) -> None:
    description = bootstrap_box.start()
    before = bootstrap_box.acme_root.read_text()
    bootstrap_box.client.containers.get(description.cloud_container).restart()
    bootstrap_box.start()
    after = bootstrap_box.acme_root.read_text()
    assert after != before
    assert after.endswith(before)
