"""Settings that reach the machine: ports, disk, DNS."""

from __future__ import annotations

import pytest
from pulumi.automation import CommandError

from tests.e2e.chat import Chat
from tests.e2e.deployed import HOSTNAME, Deployed, changed, connects
from tests.e2e.test_updates import app, host

CALLS = 8443


def test_a_preview_tells_the_changes_and_makes_none(deployed: Deployed) -> None:
    deployed.up()
    state = deployed.engine.state()
    engine = deployed.with_changes(app(environment={"MM_TEAMSETTINGS_SITENAME": "Later"}))

    changes = engine.preview().change_summary

    assert {operation.value: count for operation, count in changes.items() if operation.value != "same"} == {
        "create": 1,
        "delete": 1,
        "replace": 1,
    }
    assert deployed.engine.state() == state
    assert changed(deployed.up()) == {}


def test_the_port_for_calls_is_open_while_the_setting_says_so(deployed: Deployed) -> None:
    assert not connects(deployed.address, CALLS)
    deployed.up(app(callsPort=CALLS))
    assert connects(deployed.address, CALLS)
    ports = deployed.docker("port", deployed.container("mattermost"))
    assert f"{CALLS}/udp -> 0.0.0.0:{CALLS}" in ports

    # A second one cannot publish the port, so an update has to stop the first.
    deployed.up(app(callsPort=CALLS, environment={"MM_TEAMSETTINGS_SITENAME": "Calls"}))
    assert deployed.https("/api/v4/system/ping").status == 200

    deployed.up()
    assert not connects(deployed.address, CALLS)
    assert deployed.https("/api/v4/system/ping").status == 200


def test_a_larger_data_disk_is_larger_on_the_running_machine(deployed: Deployed, chat: Chat) -> None:
    chat.post("on the small disk")
    size = ("findmnt", "--noheadings", "--bytes", "--output", "SIZE", "/mnt/data")
    before = int(deployed.on_machine(*size).output)
    machine, containers = deployed.machine, deployed.docker("ps", "--quiet")

    deployed.up(host(dataDisk=22))

    assert int(deployed.on_machine(*size).output) - before > 1.8 * 1024**3
    assert (deployed.machine, deployed.docker("ps", "--quiet")) == (machine, containers)
    assert "on the small disk" in chat.messages()
    with pytest.raises(CommandError, match="a disk cannot be made smaller"):
        deployed.up()


def test_names_that_do_not_resolve_fail_with_the_record_to_create(deployed: Deployed) -> None:
    larger = host(dataDisk=22)
    without_dns = {**larger, "homeport:dns": {"kind": "none", "wait": 10}}

    # Pulumi deletes the record at the end of the update, after the wait for it was changed.
    deployed.up(without_dns)
    outputs = deployed.engine.outputs()
    assert outputs["dnsRecords"] == [f"{HOSTNAME}. 300 IN A {deployed.address}"]
    with pytest.raises(CommandError) as caught:
        deployed.up({**larger, "homeport:dns": {"kind": "none", "wait": 11}})
    said = str(caught.value)
    assert f"{HOSTNAME} resolves to nothing, not to {deployed.address}, after 11 seconds." in said
    assert f"Create the record '{HOSTNAME}. A {deployed.address}'" in said


def test_route_53_serves_the_name(deployed: Deployed) -> None:
    route53 = {"kind": "route53", "zone": "homeport.test", "wait": 30}
    deployed.up({**host(dataDisk=22), "homeport:dns": route53, "aws:region": "us-west-2"})
    assert deployed.on_machine("getent", "ahostsv4", HOSTNAME).output.split()[0] == deployed.address
    assert deployed.https("/api/v4/system/ping").status == 200
