"""What a container that was taken over can reach."""

from __future__ import annotations

from tests.e2e.deployed import Deployed, Ran


def _from_network(deployed: Deployed, network: str, *command: str) -> Ran:
    """Run curl in a fresh container of a network, as an intruder in an app of that network would."""
    image = str(deployed.inspect(deployed.container("nginx"))[0]["Image"])
    name = deployed.docker("network", "ls", "--quiet", "--filter", f"name=^{network}-")
    return deployed.on_machine(
        *("docker", "run", "--rm", "--network", name, "--entrypoint", "curl", image),
        *("--silent", "--max-time", "3", *command),
    )


def _address(deployed: Deployed, service: str) -> str:
    format_ = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
    return deployed.docker("inspect", "--format", format_, deployed.container(service)).split()[0]


def test_the_database_is_reachable_from_the_back_network(deployed: Deployed) -> None:
    # The database speaks no HTTP: curl connects and gets nothing it understands (52, 56 or 1), not 7 or 28.
    ran = _from_network(deployed, "back-mattermost", f"http://{_address(deployed, 'postgres')}:5432/")
    assert ran.status in {1, 52, 56}


def test_the_database_is_unreachable_from_the_front_network(deployed: Deployed) -> None:
    ran = _from_network(deployed, "front", f"http://{_address(deployed, 'postgres')}:5432/")
    assert ran.status in {7, 28}


def test_the_back_network_has_no_way_out(deployed: Deployed) -> None:
    gateway = deployed.description.cloud_address
    assert _from_network(deployed, "back-mattermost", f"https://{gateway}:14000/dir").status in {7, 28}


def test_the_machine_reaches_its_metadata(deployed: Deployed) -> None:
    url = "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token"
    ran = deployed.on_machine("curl", "-s", "-H", "Metadata-Flavor: Google", url)
    assert "access_token" in ran.output


def test_containers_do_not_reach_the_metadata(deployed: Deployed) -> None:
    url = "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token"
    ran = _from_network(deployed, "front", "-H", "Metadata-Flavor: Google", url)
    assert (ran.status, "access_token" in ran.output) == (28, False)


def test_containers_resolve_names_all_the_same(deployed: Deployed) -> None:
    assert _from_network(deployed, "front", "--insecure", "https://ghcr.io/v2/").status == 0


def test_no_container_that_publishes_a_port_has_the_docker_socket(deployed: Deployed) -> None:
    containers = deployed.inspect(*deployed.docker("ps", "--quiet").split())
    publishing, holding = set(), set()
    for container in containers:
        host = container["HostConfig"]
        assert isinstance(host, dict)
        if host["PortBindings"]:
            publishing.add(container["Name"])
        if any("docker.sock" in bind for bind in host["Binds"] or []):
            holding.add(container["Name"])
    assert len(publishing) == 1
    assert len(holding) == 2
    assert not publishing & holding


def test_the_app_runs_as_its_own_user_and_can_write_its_data(deployed: Deployed) -> None:
    volume = deployed.docker("volume", "ls", "--quiet", "--filter", "name=^sandbox-mattermost-data$")
    owner = deployed.on_machine("stat", "-c", "%u:%g", f"/mnt/data/docker/volumes/{volume}/_data").output
    assert owner.strip() == "2000:2000"


def test_the_host_key_is_the_pinned_one(deployed: Deployed) -> None:
    pinned = (deployed.box.directory / "ssh" / "sandbox" / "known_hosts").read_text().split()[1:3]
    shown = deployed.on_machine("cat", "/etc/ssh/ssh_host_ed25519_key.pub").output.split()[:2]
    assert shown == pinned


def test_passwords_do_not_log_in(deployed: Deployed) -> None:
    effective = deployed.on_machine("sshd", "-T").output
    assert "passwordauthentication no" in effective
    assert "permitrootlogin no" in effective
