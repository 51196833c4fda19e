from __future__ import annotations

import pytest

from components.host.network import GceNetwork, GceNetworkArgs
from components.host.settings import FirewallPort
from tests.unit.deployment.providers import resource_id
from tests.unit.deployment.recorder import deployed, recorded
from tests.unit.deployment.recording import Recording

ALL_RULES = ("chat", "sandbox")


@pytest.fixture
def network() -> Recording:
    def program() -> None:
        args = GceNetworkArgs(
            "us-west1",
            ssh_from=["203.0.113.7/32", "198.51.100.0/24"],
            ports=[
                FirewallPort(port=9090),
                FirewallPort(port=5432, allow_from=["192.0.2.0/24"]),
                FirewallPort(port=9090, protocol="udp"),
            ],
        )
        GceNetwork("net", args)

    return recorded(program)


def test_every_part_belongs_to_the_network(network: Recording) -> None:
    component = network.one("homeport:host:GceNetwork")
    parts = [resource for resource in network.resources if resource.type.startswith("gcp:")]
    assert len(parts) == 7
    assert {resource.parent for resource in parts} == {component.urn}


def test_the_web_is_open_to_everybody(network: Recording) -> None:
    rule = network.one("gcp:compute:Firewall", "net-web")
    assert rule.at("sourceRanges") == ["0.0.0.0/0"]
    assert rule.at("allows") == [
        {"protocol": "tcp", "ports": ["80", "443"]},
    ]


def test_ssh_is_open_to_the_named_networks_only(network: Recording) -> None:
    rule = network.one("gcp:compute:Firewall", "net-ssh")
    assert rule.at("sourceRanges") == ["203.0.113.7/32", "198.51.100.0/24"]
    assert rule.at("allows") == [{"protocol": "tcp", "ports": ["22"]}]


@pytest.mark.parametrize("stack", ALL_RULES)
def test_only_one_rule_of_a_shipped_stack_mentions_ssh_and_it_names_its_sources(stack: str) -> None:
    rules = [
        rule
        for rule in deployed(stack).all("gcp:compute:Firewall")
        if any(isinstance(row["ports"], list) and "22" in row["ports"] for row in rule.rows("allows"))
    ]
    assert [rule.name for rule in rules] == [f"homeport-{stack}-ssh"]
    assert "0.0.0.0/0" not in rules[0].texts("sourceRanges")


def test_a_further_port_is_open_to_everybody_unless_it_names_its_sources(network: Recording) -> None:
    everybody = network.one("gcp:compute:Firewall", "net-tcp-9090")
    named = network.one("gcp:compute:Firewall", "net-tcp-5432")
    assert (everybody.at("sourceRanges"), named.at("sourceRanges")) == (["0.0.0.0/0"], ["192.0.2.0/24"])
    assert named.at("allows") == [{"protocol": "tcp", "ports": ["5432"]}]


def test_one_port_of_two_protocols_is_two_rules(network: Recording) -> None:
    udp = network.one("gcp:compute:Firewall", "net-udp-9090")
    assert udp.at("allows") == [{"protocol": "udp", "ports": ["9090"]}]
    assert "net-tcp-9090" in network.names("gcp:compute:Firewall")


def test_every_rule_is_ingress_to_its_own_tag_in_this_network(network: Recording) -> None:
    rules = network.all("gcp:compute:Firewall")
    assert len(rules) == 5
    for rule in rules:
        assert rule.at("direction") == "INGRESS"
        assert rule.at("targetTags") == [rule.name]
        assert rule.at("network") == resource_id("net")


def test_there_is_no_subnet_but_the_one_in_the_machines_region(network: Recording) -> None:
    assert network.one("gcp:compute:Network").at("autoCreateSubnetworks") is False
    subnetwork = network.one("gcp:compute:Subnetwork")
    assert (subnetwork.at("region"), subnetwork.at("network")) == ("us-west1", resource_id("net"))


def test_the_shipped_chat_opens_the_web_and_ssh_and_nothing_else() -> None:
    assert deployed("chat").names("gcp:compute:Firewall") == ["homeport-chat-ssh", "homeport-chat-web"]


def test_the_calls_port_is_opened_for_both_protocols() -> None:
    recording = deployed("chat", {"homeport:apps[0].callsPort": 8443})
    for protocol in ("tcp", "udp"):
        rule = recording.one("gcp:compute:Firewall", f"homeport-chat-{protocol}-8443")
        assert rule.at("allows") == [{"protocol": protocol, "ports": ["8443"]}]
        assert rule.at("sourceRanges") == ["0.0.0.0/0"]
