"""What an update would do, and settings around the machine: ports, DNS."""

from __future__ import annotations

import pytest
from pulumi.automation import CommandError, OpType

from tests.e2e.deployed import HOSTNAME, Deployed, echoes
from tests.e2e.test_updates import app, host

CALLS = 8443


def test_a_preview_tells_the_changes_and_makes_none(deployed: Deployed) -> None:
    state = deployed.engine.state()
    engine = deployed.with_changes(app(environment={"MM_TEAMSETTINGS_SITENAME": "Later"}))

    changes = engine.preview().change_summary

    touched = {OpType(operation).value: count for operation, count in changes.items()}
    del touched["same"]
    # The new server, the old one, and twice what is done again for it: it takes over, and it answers.
    assert touched == {"create": 1, "delete": 1, "replace": 2}
    assert deployed.engine.state() == state


def _call(deployed: Deployed) -> tuple[bool, bool]:
    return echoes(deployed.address, CALLS, "tcp"), echoes(deployed.address, CALLS, "udp")


def test_the_port_for_calls_is_open_while_the_setting_says_so(deployed: Deployed) -> None:
    assert _call(deployed) == (False, False)
    deployed.up(app(callsPort=CALLS))
    assert _call(deployed) == (True, True)

    # A second one cannot publish the port, so an update has to stop the first.
    deployed.up(app(callsPort=CALLS, environment={"MM_TEAMSETTINGS_SITENAME": "Calls"}))
    assert deployed.https("/api/v4/system/ping").status == 200
    assert _call(deployed) == (True, True)

    deployed.up()
    assert _call(deployed) == (False, False)
    assert deployed.https("/api/v4/system/ping").status == 200


def test_names_that_do_not_resolve_fail_with_the_record_to_create(deployed: Deployed) -> None:
    # Pulumi deletes the record at the end of the update, after the wait for it was changed.
    deployed.up({"homeport:dns": {"kind": "none", "wait": 10}})
    assert deployed.engine.outputs()["dnsRecords"] == [f"{HOSTNAME}. 300 IN A {deployed.address}"]
    with pytest.raises(CommandError) as caught:
        deployed.up({"homeport:dns": {"kind": "none", "wait": 11}})
    said = str(caught.value)
    assert f"{HOSTNAME} resolves to nothing, not to {deployed.address}, after 11 seconds." in said
    assert f"Create the record '{HOSTNAME}. A {deployed.address}'" in said


@pytest.mark.long
def test_route_53_serves_the_name(deployed: Deployed) -> None:
    route53 = {"kind": "route53", "zones": [{"name": "homeport.test"}], "wait": 30}
    deployed.up({"homeport:dns": {"kind": "none", "wait": 10}})
    deployed.up({"homeport:dns": route53, "aws:region": "us-west-2"})
    assert deployed.on_machine("getent", "ahostsv4", HOSTNAME).output.split()[0] == deployed.address
    assert deployed.https("/api/v4/system/ping").status == 200
    # The sandbox has one DNS server for both: a record of one provider is in the way of the other's.
    deployed.up({"homeport:dns": {"kind": "none", "wait": 10}})
    deployed.up()


def test_a_smaller_data_disk_is_refused_because_the_data_is_protected(deployed: Deployed) -> None:
    with pytest.raises(CommandError, match="marked for protection"):
        deployed.with_changes(host(dataDisk=15)).preview()
