"""Resources of Google Cloud at the edge of their rules."""

from __future__ import annotations

import json

import pytest

from components.apps.mastodon import MastodonSettings
from components.apps.mastodon_jobs import OwnerSettings
from components.workload import GeneratedHex, GeneratedPassword, GeneratedVapidKey
from policies.kinds import DISK, FIREWALL
from policies.lasting import LASTING_KEYS
from tests.unit.policies.asked import Asked, found
from tests.unit.policies.examples import BOOTSTRAP, firewall, machine

WORLD = "ssh-not-open-to-the-world"


@pytest.mark.parametrize("source", ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1"])
def test_half_of_the_world_is_the_world(source: str) -> None:
    assert len(found(WORLD, firewall(["22"], source))) == 1


@pytest.mark.parametrize("ports", [["20-25"], ["0-65535"], ["80", "22"]])
def test_a_range_with_port_22_opens_ssh(ports: list[str]) -> None:
    assert len(found(WORLD, firewall(ports, "0.0.0.0/0"))) == 1


@pytest.mark.parametrize(
    "allow", [{"protocol": "all"}, {"protocol": "tcp"}, {"protocol": "6", "ports": ["22"]}]
)
def test_a_rule_for_every_port_opens_ssh(allow: dict[str, object]) -> None:
    asked = Asked(FIREWALL, {"allows": [allow], "sourceRanges": ["0.0.0.0/0"]})

    assert len(found(WORLD, asked)) == 1


def test_a_rule_that_names_no_source_is_open_to_everybody() -> None:
    asked = Asked(FIREWALL, {"allows": [{"protocol": "tcp", "ports": ["22"]}]})

    assert "everybody" in found(WORLD, asked)[0]


@pytest.mark.parametrize(
    "change",
    [{"direction": "EGRESS"}, {"disabled": True}, {"allows": [{"protocol": "udp", "ports": ["22"]}]}],
)
def test_what_lets_no_tcp_in_opens_nothing(change: dict[str, object]) -> None:
    allows = [{"protocol": "tcp", "ports": ["22", "5432"]}]
    asked = Asked(FIREWALL, {"allows": allows, "sourceRanges": ["0.0.0.0/0"], **change})

    assert found(WORLD, asked) + found("no-database-port-open", asked) == []


def test_all_ports_are_those_of_databases_too() -> None:
    asked = Asked(FIREWALL, {"allows": [{"protocol": "all"}], "sourceRanges": ["10.0.0.0/8"]})

    assert len(found("no-database-port-open", asked)) == 1


def _metadata(script: str) -> list[str]:
    return found("metadata-server-closed", machine(metadata={"startup-script": script}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-d $METADATA/32 -j DROP", "-d $METADATA/32 -j ACCEPT"),
        ("-A HOMEPORT-METADATA -d $METADATA/32 -j DROP", ""),
        ("-A HOMEPORT-METADATA -d $METADATA/32 -j DROP", "# -A HOMEPORT-METADATA -d $METADATA/32 -j DROP"),
        ("-d $METADATA/32 -j DROP", "-d $METADATA/32 -p tcp --dport 443 -j DROP"),
        ("-I PREROUTING -j HOMEPORT-METADATA", "-I OUTPUT -j HOMEPORT-METADATA"),
        ("-p tcp --dport 53 -j RETURN", "-j RETURN"),
        ("METADATA=169.254.169.254", "METADATA=192.0.2.1"),
    ],
)
def test_a_bootstrap_that_no_longer_drops_it_is_reported(old: str, new: str) -> None:
    assert old in BOOTSTRAP

    assert len(_metadata(BOOTSTRAP.replace(old, new))) == 1


def test_one_rule_before_the_containers_is_enough() -> None:
    assert _metadata("iptables -I DOCKER-USER -d 169.254.169.254 -j REJECT") == []


def test_a_machine_without_an_account_has_nothing_to_hide() -> None:
    assert found("metadata-server-closed", machine(serviceAccount=None)) == []


def test_a_machine_without_a_startup_script_closes_nothing() -> None:
    assert len(found("metadata-server-closed", machine())) == 1


def test_a_policy_for_all_members_is_read_for_primitive_roles() -> None:
    policy = json.dumps({"bindings": [{"role": "roles/owner", "members": ["allUsers"]}]})

    assert (
        len(found("no-primitive-role", Asked("gcp:projects/iAMPolicy:IAMPolicy", {"policyData": policy})))
        == 1
    )


def test_a_copy_of_a_disk_need_not_be_protected_yet() -> None:
    assert found("disk-protected", Asked(DISK, {"snapshot": "homeport-data-b"})) == []


def test_every_lasting_secret_of_an_app_is_known_as_one() -> None:
    owner = OwnerSettings(username="ada", email="ada@a.example")
    settings = MastodonSettings(kind="mastodon", hostname="a.example", version="4.7.4", owner=owner)
    secrets = settings.app("https://a.example", None).secrets()
    lasting = [
        source.name
        for source in secrets
        if isinstance(source, GeneratedVapidKey)
        or (isinstance(source, GeneratedHex | GeneratedPassword) and source.lasting)
    ]

    assert len(lasting) >= 5
    assert [name for name in lasting if not LASTING_KEYS.fullmatch(f"mastodon-{name}")] == []
