"""What a picture says of a deployment."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagram.deployment import picture
from diagram.graph import Group, Node, Picture, Reach
from diagram.rehearsal import REPOSITORY, Record, rehearse
from tests.unit.diagram.drawing import drawing, rehearsed


def changed(folder: Path, stack: str, *replaced: tuple[str, str]) -> Picture:
    """The picture of a shipped stack with some of its file's text replaced."""
    text = (REPOSITORY / "stacks" / f"Pulumi.{stack}.yaml").read_text()
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    (folder / f"Pulumi.{stack}.yaml").write_text(text)
    return picture(stack, rehearse(stack, folder))


def node(drawn: Picture, key: str) -> Node:
    (found,) = [one for one in drawn.nodes if one.key == key]
    return found


def group(drawn: Picture, key: str) -> Group:
    (found,) = [one for one in drawn.groups if one.key == key]
    return found


def traffic(drawn: Picture) -> dict[tuple[str, str], str]:
    return {(one.source, one.target): one.label for one in drawn.reaches if one.kind == "traffic"}


def test_the_way_in_leads_through_the_firewall_to_nginx_the_app_and_its_database() -> None:
    assert traffic(drawing("chat")) == {
        ("anyone", "firewall"): "80, 443",
        ("from:203.0.113.7/32", "firewall"): "22",
        ("firewall", "nginx"): "80, 443",
        ("firewall", "host"): "22",
        ("nginx", "mattermost-mattermost"): "8065",
        ("mattermost-mattermost", "mattermost-postgres-17"): "5432",
        ("acme-companion", "certificate-authority"): "443",
    }


def test_an_app_of_several_services_shows_who_of_them_talks_to_whom() -> None:
    inside = {
        ("nginx", "mastodon-web"): "3000",
        ("nginx", "mastodon-streaming"): "4000 /api/v1/streaming",
        ("mastodon-web", "mastodon-postgres-17"): "5432",
        ("mastodon-web", "mastodon-redis"): "6379",
        ("mastodon-streaming", "mastodon-postgres-17"): "5432",
        ("mastodon-streaming", "mastodon-redis"): "6379",
        ("mastodon-sidekiq", "mastodon-postgres-17"): "5432",
        ("mastodon-sidekiq", "mastodon-redis"): "6379",
    }
    containers = {one.key for one in drawing("social").nodes if one.kind == "container"}
    assert {
        arrow: port for arrow, port in traffic(drawing("social")).items() if set(arrow) <= containers
    } == inside


def test_a_network_without_a_way_out_says_so() -> None:
    assert group(drawing("chat"), "network:back-mattermost").details == ("no way out",)
    assert group(drawing("chat"), "network:front").details == ("with a way out",)


def test_a_container_of_two_networks_stands_in_the_one_nearer_to_the_internet_and_names_the_other() -> None:
    app = node(drawing("chat"), "mattermost-mattermost")
    assert (app.group, app.details[-1]) == ("network:front", "also on back-mattermost")


def test_the_database_stands_in_the_network_that_has_no_way_out() -> None:
    assert node(drawing("chat"), "mattermost-postgres-17").group == "network:back-mattermost"


def test_every_volume_is_shown() -> None:
    volumes = [one.name for one in rehearsed("chat") if one.type == "docker:index/volume:Volume"]
    shown = [one for one in drawing("chat").nodes if one.kind == "volume"]
    listed = [
        f"{one.title}-{name}"
        for one in shown
        for name in ", ".join(one.details).replace(",,", ",").split(", ")
    ]
    assert sorted(name for name in listed if not name.endswith("in no container")) == sorted(volumes)


def test_files_go_from_who_may_write_them_to_who_may_only_read_them() -> None:
    files = {(one.source, one.target) for one in drawing("chat").reaches if one.kind == "data"}
    assert {("docker-gen", "volume:edge-conf"), ("volume:edge-conf", "nginx")} <= files
    assert ("nginx", "volume:edge-conf") not in files


def test_only_what_is_not_on_a_network_with_nginx_holds_dockers_socket() -> None:
    holders = {one.source for one in drawing("chat").reaches if one.target == "socket"}
    assert holders == {"acme-companion", "docker-gen"}


def test_a_name_is_shown_with_its_records_and_what_they_stand_for() -> None:
    name = node(drawing("chat"), "name:chat.example.com")
    assert name.details == ("A: the static address", 'CAA: 0 issue "letsencrypt.org"')
    assert Reach(name.key, "firewall", "name", "stands for") in drawing("chat").reaches


def test_the_disk_is_shown_with_what_keeps_the_data_safe() -> None:
    assert group(drawing("chat"), "disk").details == (
        "20 GB pd-standard",
        "protected",
        "daily snapshots, 7 kept",
    )


def test_a_port_that_no_container_takes_leads_to_the_machine_itself() -> None:
    assert traffic(drawing("sandbox"))["firewall", "host"] == "22, 9090"


def test_a_local_stack_has_neither_a_firewall_nor_names() -> None:
    drawn = drawing("local")
    assert {one.kind for one in drawn.nodes} == {"people", "container", "volume", "danger"}
    assert traffic(drawn)["you", "nginx"] == "8080"


def test_a_relay_for_mail_is_shown_with_who_sends_to_it(tmp_path: Path) -> None:
    mail = (
        "config:\n  homeport:mailPassword: {secure: v1:AAAA:BBBB}\n"
        "  homeport:mail: {host: smtp.example.com, user: chat, fromAddress: chat@example.com}\n"
    )
    drawn = changed(tmp_path, "chat", ("config:\n", mail))
    assert node(drawn, "mail-relay").details == ("smtp.example.com",)
    assert traffic(drawn)["mattermost-mattermost", "mail-relay"] == "587"


def test_a_bucket_for_backups_is_shown(tmp_path: Path) -> None:
    drawn = changed(tmp_path, "chat", ("config:\n", "config:\n  homeport:backup: {store: {kind: gcs}}\n"))
    assert [one.title for one in drawn.nodes if one.kind == "bucket"] == ["bucket for backups"]


def test_a_callers_port_leads_straight_to_its_container(tmp_path: Path) -> None:
    drawn = changed(
        tmp_path, "chat", ("      version: 11.7.0", "      callsPort: 8443\n      version: 11.7.0")
    )
    assert traffic(drawn)["firewall", "mattermost-mattermost"] == "8443, 8443/udp"


def test_an_exporter_is_shown_with_the_database_that_it_asks(tmp_path: Path) -> None:
    metrics = "config:\n  homeport:metrics: {hostname: metrics.example.com}\n"
    smaller = ("machineType: e2-micro", "machineType: e2-small")
    drawn = changed(tmp_path, "chat", ("config:\n", metrics), smaller)
    assert traffic(drawn)["metrics-postgres-mattermost", "mattermost-postgres-17"] == "5432"


def test_a_picture_is_the_same_in_every_run() -> None:
    assert drawing("chat") == picture("chat", tuple(reversed(rehearsed("chat"))))


def test_an_arrow_to_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="nginx -> app"):
        Picture("x", (), (Node("nginx", "container", "nginx"),), (Reach("nginx", "app", "traffic"),))


def test_a_key_that_is_there_twice_is_refused() -> None:
    twice = (Node("nginx", "container", "nginx"), Node("nginx", "host", "nginx"))
    with pytest.raises(ValueError, match="nginx"):
        Picture("x", (), twice, ())


def test_a_deployment_of_nothing_is_an_empty_machine() -> None:
    stack = Record("urn", "pulumi:pulumi:Stack", "homeport-chat", "")
    assert [one.key for one in picture("chat", (stack,)).groups] == ["machine"]
