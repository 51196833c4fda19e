from __future__ import annotations

from pathlib import Path

import pulumi
import pytest

from components.budget import edge_memory
from components.edge.connections import Connections
from tests.unit.deployment.environment import environment
from tests.unit.deployment.providers import real_name
from tests.unit.deployment.recorder import CHATS, STACKS, deployed
from tests.unit.deployment.recording import Recording, Resource

OF_THE_EDGE = ("acme-companion", "docker-gen", "nginx")


@pytest.fixture
def chat() -> Recording:
    return deployed("chat")


def has_socket(container: Resource) -> bool:
    return any(str(mount.get("hostPath", "")).endswith("docker.sock") for mount in container.rows("volumes"))


def networks(container: Resource) -> list[str]:
    return [str(network["name"]) for network in container.rows("networksAdvanced")]


def writable(container: Resource) -> list[str]:
    """Volumes that others may have too; scratch folders have no name."""
    named = [mount for mount in container.rows("volumes") if "volumeName" in mount]
    return [str(mount["volumeName"]) for mount in named if not mount["readOnly"]]


@pytest.mark.parametrize("stack", CHATS)
def test_no_container_that_publishes_a_port_holds_the_docker_socket(stack: str) -> None:
    recording = deployed(stack, {"homeport:apps[0].callsPort": 8443})
    publishing = [container for container in recording.all("docker:Container") if container.rows("ports")]
    assert len(publishing) == 2
    assert [container.name for container in publishing if has_socket(container)] == []


@pytest.mark.parametrize("stack", STACKS)
def test_containers_with_the_docker_socket_share_no_network_with_nginx_or_an_app(stack: str) -> None:
    containers = deployed(stack).all("docker:Container")
    with_socket = {network for c in containers if has_socket(c) for network in networks(c)}
    without = {network for c in containers if not has_socket(c) for network in networks(c)}
    assert with_socket == {real_name("control")}
    assert not with_socket & without


def test_only_docker_gen_and_acme_companion_hold_the_docker_socket(chat: Recording) -> None:
    holding = [container for container in chat.all("docker:Container") if has_socket(container)]
    assert [container.name for container in holding] == ["acme-companion", "docker-gen"]
    for container in holding:
        (socket,) = [mount for mount in container.rows("volumes") if "hostPath" in mount]
        assert socket["readOnly"] is True


@pytest.mark.parametrize("stack", STACKS)
def test_no_container_mounts_anything_else_of_the_machine_but_its_certificate_authorities(stack: str) -> None:
    sources = {
        (mount["hostPath"], mount["readOnly"])
        for container in deployed(stack).all("docker:Container")
        for mount in container.rows("volumes")
        if "hostPath" in mount
    }
    authorities = {("/etc/ssl/certs/ca-certificates.crt", True)}
    assert sources == {("/var/run/docker.sock", True)} | (set() if stack == "local" else authorities)


def test_everything_of_the_edge_is_inside_it_and_on_the_hosts_engine(chat: Recording) -> None:
    edge = chat.one("homeport:edge:Edge")
    inside = list(chat.inside(edge))
    assert [r.name for r in inside if r.type.endswith(":Container")]
    assert {r.parent for r in inside} == {edge.urn}
    assert {r.provider for r in inside} == {chat.one("pulumi:providers:docker").name}
    assert sorted(r.name for r in inside if r.type.endswith(":Container")) == list(OF_THE_EDGE)


def test_nginx_publishes_http_and_https_and_no_port_for_http_3_which_it_does_not_speak(
    chat: Recording,
) -> None:
    ports = chat.one("docker:Container", "nginx").rows("ports")
    assert [(port["external"], port.get("protocol", "tcp")) for port in ports] == [
        (80, "tcp"),
        (443, "tcp"),
    ]
    assert all(port["internal"] == port["external"] for port in ports)


def test_nginx_is_on_the_front_network_alone(chat: Recording) -> None:
    assert networks(chat.one("docker:Container", "nginx")) == [real_name("front")]


def test_only_docker_gen_writes_nginxs_configuration(chat: Recording) -> None:
    assert writable(chat.one("docker:Container", "nginx")) == []
    assert writable(chat.one("docker:Container", "docker-gen")) == [real_name("edge-conf")]
    assert writable(chat.one("docker:Container", "acme-companion")) == [
        real_name(f"edge-{volume}") for volume in ("certs", "html", "acme")
    ]


def test_docker_gen_starts_beside_nginx_and_acme_companion_after_both(chat: Recording) -> None:
    companion, docker_gen, nginx = (chat.one("docker:Container", name) for name in OF_THE_EDGE)
    assert nginx.urn not in docker_gen.depends_on
    assert {nginx.urn, docker_gen.urn} <= companion.depends_on


def test_docker_gen_waits_for_what_docker_copies_for_nginx_out_of_its_image(chat: Recording) -> None:
    docker_gen = chat.one("docker:Container", "docker-gen")
    assert chat.one("docker:RemoteImage", "nginx").urn in docker_gen.depends_on
    script = docker_gen.texts("command")[2]
    waited, written = (script.index(f"/etc/nginx/conf.d/{name}.conf") for name in ("default", "homeport"))
    assert waited < written


def test_nginx_and_docker_gen_carry_the_labels_by_which_the_others_find_them(chat: Recording) -> None:
    def labels(name: str) -> set[object]:
        return {label["label"] for label in chat.one("docker:Container", name).rows("labels")}

    own = {"com.github.nginx-proxy.nginx", "com.github.nginx-proxy.nginx-proxy.nginx"}
    assert own <= labels("nginx")
    assert "com.github.nginx-proxy.docker-gen" in labels("docker-gen")
    assert not own & labels("docker-gen")


def test_clients_cannot_forge_the_protocol_they_came_by(chat: Recording) -> None:
    assert environment(chat.one("docker:Container", "docker-gen"))["TRUST_DOWNSTREAM_PROXY"] == "false"


@pytest.mark.parametrize(("seconds", "header"), [(31536000, "max-age=31536000"), (0, "off")])
def test_browsers_are_told_to_insist_on_https(seconds: int, header: str) -> None:
    docker_gen = deployed("chat", {"homeport:edge.hsts": seconds}).one("docker:Container", "docker-gen")
    assert environment(docker_gen)["HSTS"] == header


def test_nginx_hides_its_version_and_gives_up_on_gone_containers_soon(chat: Recording) -> None:
    *start, _, conf = chat.one("docker:Container", "docker-gen").texts("command")
    assert 'printf %s "$2" >/etc/nginx/conf.d/homeport.conf' in start[2]
    assert "server_tokens off;" in conf
    assert "proxy_connect_timeout 1s;" in conf


@pytest.mark.parametrize(("version", "kept"), [("1.31.6", True), ("1.27.4", True), ("1.26.3", False)])
def test_a_reload_keeps_the_connections_of_clients_where_nginx_can(version: str, kept: bool) -> None:
    docker_gen = deployed("chat", {"homeport:edge.nginx": version}).one("docker:Container", "docker-gen")
    assert ("keepalive_min_timeout" in docker_gen.texts("command")[-1]) is kept


@pytest.mark.parametrize(
    ("server", "directory"),
    [
        ("staging", "https://acme-staging-v02.api.letsencrypt.org/directory"),
        ("production", "https://acme-v02.api.letsencrypt.org/directory"),
        ("https://ca.example.com/acme", "https://ca.example.com/acme"),
    ],
)
def test_certificates_come_from_the_named_authority(server: str, directory: str) -> None:
    recording = deployed("chat", {"homeport:edge.certificate.server": server})
    companion = environment(recording.one("docker:Container", "acme-companion"))
    assert companion == {"ACME_CA_URI": directory}


def test_an_authority_is_told_the_address_that_is_given() -> None:
    recording = deployed("chat", {"homeport:edge.certificate.email": "ada@lovelace.org"})
    companion = environment(recording.one("docker:Container", "acme-companion"))
    assert companion["DEFAULT_EMAIL"] == "ada@lovelace.org"


def test_an_authority_of_ones_own_is_trusted_by_its_root(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    recording = deployed("chat", {"homeport:edge.certificate.caBundle": str(tmp_path / "root.pem")})
    companion = recording.one("docker:Container", "acme-companion")
    bundle = environment(companion)["CA_BUNDLE"]
    assert companion.rows("uploads") == [{"file": bundle, "content": "-----BEGIN CERTIFICATE-----\n"}]


def test_a_bundle_that_is_not_there_is_told_in_one_line() -> None:
    with pytest.raises(pulumi.RunError) as error:
        deployed("chat", {"homeport:edge.certificate.caBundle": "no/such.pem"})
    assert str(error.value) == (
        "homeport:edge.certificate.caBundle: no/such.pem cannot be read: No such file or directory"
    )


def test_a_bundle_is_looked_for_in_the_project_whatever_the_working_folder_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recording = deployed("chat", {"homeport:edge.certificate.caBundle": "LICENSE"})
    (upload,) = recording.one("docker:Container", "acme-companion").rows("uploads")
    assert "Apache License" in str(upload["content"])


def test_without_certificates_nginx_listens_on_the_loopback_address_only() -> None:
    recording = deployed("local", {"homeport:edge.certificate.port": 9000})
    assert recording.one("docker:Container", "nginx").rows("ports") == [
        {"internal": 80, "external": 9000, "ip": "127.0.0.1"}
    ]


def test_without_certificates_there_is_no_acme_companion() -> None:
    recording = deployed("local")
    assert "acme-companion" not in recording.names("docker:Container")
    assert "acme-companion" not in recording.names("docker:RemoteImage")


def test_the_settings_name_the_versions_of_the_three() -> None:
    recording = deployed(
        "chat",
        {
            "homeport:edge.nginx": "1.30.5",
            "homeport:edge.nginxProxy": "1.10.0",
            "homeport:edge.acmeCompanion": "2.8.3",
        },
    )
    images = {name: recording.one("docker:RemoteImage", name).text("name") for name in OF_THE_EDGE}
    assert images == {
        "acme-companion": "nginxproxy/acme-companion:2.8.3",
        "docker-gen": "nginxproxy/nginx-proxy:1.10.0-dockergen",
        "nginx": "nginx:1.30.5",
    }


def test_the_edge_uses_no_more_memory_than_was_set_aside_for_it(chat: Recording) -> None:
    limits = {name: chat.one("docker:Container", name).at("memory") for name in OF_THE_EDGE}
    assert limits == edge_memory(1024)


def test_nginx_takes_as_many_connections_as_its_memory_is_good_for() -> None:
    for machine, memory in (("e2-micro", 1024), ("e2-standard-2", 8192)):
        recording = deployed("chat", {"homeport:host.machineType": machine})
        connections = Connections(edge_memory(memory)["nginx"])
        nginx = recording.one("docker:Container", "nginx")
        assert nginx.at("memory") == connections.memory
        assert nginx.texts("command")[-2:] == [str(connections.worker), str(connections.files)]
        conf = recording.one("docker:Container", "docker-gen").texts("command")[-1]
        assert f"limit_conn homeport_all {connections.requests};" in conf
        assert f"limit_conn homeport_name {connections.requests_of_a_name};" in conf


def test_who_answered_is_told_to_nobody_who_does_not_know_the_deployments_label(chat: Recording) -> None:
    (label,) = (
        row["value"]
        for row in chat.one("docker:Container", "nginx").rows("labels")
        if row["label"] == "homeport.deployment"
    )
    conf = chat.one("docker:Container", "docker-gen").texts("command")[-1]
    begin = "map $http_x_homeport_check $homeport_answered {"
    assert f'{begin}\n    default "";\n    "{label}" "by $upstream_addr";\n}}\n' in conf
