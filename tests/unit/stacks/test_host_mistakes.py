"""What is refused about the machine."""

from __future__ import annotations

import pytest

from components.host.images import problem_of_image
from components.host.settings import GceSettings
from stacks.mistakes import Mistake
from tests.unit.docs.pages import KEY as ED25519
from tests.unit.stacks.configuration import Value, chat, local

ALLOW_FROM = "homeport:host.ssh.allowFrom"
CLOSED = (
    "named networks only, none wider than /8: open to the world, SSH is tried by bots within minutes."
    " Give the address you deploy from as <address>/32"
)
PUBLIC_KEY = "a public key in OpenSSH's form, one line as in ~/.ssh/id_ed25519.pub"
KEY = f"ssh-ed25519 {ED25519}"
WHOLE_NUMBER = "a whole number, without quotes"


@pytest.mark.parametrize(
    ("swap", "found", "allowed"),
    [
        (-1, "-1", "greater than or equal to 0"),
        (99_999, "99999", "less than or equal to 16384"),
        (10**30, "1" + "0" * 30, "less than or equal to 16384"),
        (8192, "8192", "at most half of the boot disk's 10 GB, the system needs the rest"),
        (True, "true", WHOLE_NUMBER),
        (None, "null", WHOLE_NUMBER),
        ("2048", '"2048"', WHOLE_NUMBER),
        ("2G", '"2G"', WHOLE_NUMBER),
        (2048.5, "2048.5", WHOLE_NUMBER),
        (float("nan"), "NaN", WHOLE_NUMBER),
        ([2048], "[2048]", WHOLE_NUMBER),
        ({"size": 2048}, '{"size": 2048}', WHOLE_NUMBER),
    ],
)
def test_swap_that_cannot_be_is_refused(swap: Value, found: str, allowed: str) -> None:
    mistake = chat().set("homeport:host.swap", swap).mistake()
    assert mistake == Mistake("homeport:host.swap", found, allowed)


def test_more_swap_is_accepted_on_a_larger_boot_disk() -> None:
    host = chat().set("homeport:host.swap", 8192).set("homeport:host.bootDisk", 17).load().host
    assert host.swap == 8192


@pytest.mark.parametrize("machine_type", ["e3-micro", "E2-MICRO", "", "e2-micro "])
def test_an_unknown_machine_type_is_told_with_the_known_ones(machine_type: str) -> None:
    mistake = chat().set("homeport:host.machineType", machine_type).mistake()
    assert (mistake.path, mistake.found) == ("homeport:host.machineType", f'"{machine_type}"')
    assert mistake.allowed.startswith("one of e2-micro, e2-small, e2-medium, ")


@pytest.mark.parametrize("network", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/7"])
def test_ssh_open_to_the_world_or_a_good_part_of_it_is_refused(network: str) -> None:
    assert chat().set(ALLOW_FROM, [network]).mistake() == Mistake(f"{ALLOW_FROM}[0]", f'"{network}"', CLOSED)


@pytest.mark.parametrize("network", ["::/0", "2001:db8::1/128"])
def test_ssh_from_ipv6_is_refused_as_the_machine_has_no_such_address(network: str) -> None:
    allowed = "an IPv4 network such as 203.0.113.7/32: the machine has no IPv6 address"
    assert chat().set(ALLOW_FROM, [network]).mistake() == Mistake(f"{ALLOW_FROM}[0]", f'"{network}"', allowed)


@pytest.mark.parametrize("network", ["home", "203.0.113.7/33", "203.0.113.7/24", "203.0.113.256/32", ""])
def test_a_source_that_is_no_network_is_refused(network: str) -> None:
    mistake = chat().set(ALLOW_FROM, ["198.51.100.1/32", network]).mistake()
    assert (mistake.path, mistake.found) == (f"{ALLOW_FROM}[1]", f'"{network}"')
    assert mistake.allowed.startswith("a network in CIDR form such as 203.0.113.7/32 (")


def test_an_address_alone_means_itself() -> None:
    host = chat().set(ALLOW_FROM, ["203.0.113.7"]).load().host
    assert isinstance(host, GceSettings)
    assert host.ssh.allow_from == ["203.0.113.7/32"]


@pytest.mark.parametrize(
    ("sources", "found", "allowed"),
    [
        ([], "[]", "a list that is not empty"),
        (None, "null", "a list"),
        ("203.0.113.7/32", '"203.0.113.7/32"', "a list"),
        ({"me": "203.0.113.7/32"}, '{"me": "203.0.113.7/32"}', "a list"),
    ],
)
def test_ssh_needs_a_list_of_sources(sources: Value, found: str, allowed: str) -> None:
    assert chat().set(ALLOW_FROM, sources).mistake() == Mistake(ALLOW_FROM, found, allowed)


def test_missing_sources_of_ssh_are_told() -> None:
    mistake = chat().remove(ALLOW_FROM).mistake()
    assert mistake == Mistake(ALLOW_FROM, "nothing", "a value: it is required")


def test_a_zone_outside_the_region_is_refused() -> None:
    assert chat().set("homeport:host.zone", "europe-west1-b").mistake() == Mistake(
        "homeport:host.zone", '"europe-west1-b"', "a zone of the region us-west1, such as us-west1-b"
    )


def test_another_region_alone_is_refused_as_the_default_zone_is_outside() -> None:
    configuration = chat().remove("homeport:host.zone").set("homeport:host.region", "europe-west1")
    assert configuration.mistake() == Mistake(
        "homeport:host.zone", '"us-west1-b"', "a zone of the region europe-west1, such as europe-west1-b"
    )


def test_a_move_from_the_zone_itself_is_refused() -> None:
    assert chat().set("homeport:host.movedFrom", "us-west1-b").mistake() == Mistake(
        "homeport:host.movedFrom",
        '"us-west1-b"',
        "another zone than zone, which is where machine and data are to go; or nothing",
    )


def test_a_move_from_another_region_is_refused() -> None:
    assert chat().set("homeport:host.movedFrom", "us-east1-b").mistake() == Mistake(
        "homeport:host.movedFrom",
        '"us-east1-b"',
        "a zone of the region us-west1: address and network belong to it, so data moves to another region by"
        " a backup (backup.restoreFrom)",
    )


def test_a_move_from_another_zone_of_the_region_is_taken() -> None:
    host = chat().set("homeport:host.movedFrom", "us-west1-a").load().host
    assert isinstance(host, GceSettings)
    assert host.moved_from == "us-west1-a"


@pytest.mark.parametrize(
    ("key", "value", "start"),
    [
        ("region", "Oregon", "text such as us-west1, matching ^"),
        ("zone", "us-west1", "text such as us-west1-b, matching ^"),
        ("zone", "us-west\u0661-b", "text such as us-west1-b, matching ^"),
        ("image", "debian-12", "text such as ubuntu-os-cloud/ubuntu-2404-lts-amd64, matching ^"),
        ("ssh.user", "Ada Lovelace", "text such as homeport, matching ^"),
    ],
)
def test_text_of_another_form_is_told_with_an_example(key: str, value: str, start: str) -> None:
    mistake = chat().set(f"homeport:host.{key}", value).mistake()
    assert (mistake.path, mistake.found) == (f"homeport:host.{key}", f'"{value}"')
    assert mistake.allowed.startswith(start)


def test_root_as_the_login_is_refused() -> None:
    assert chat().set("homeport:host.ssh.user", "root").mistake() == Mistake(
        "homeport:host.ssh.user",
        '"root"',
        "another name: root cannot log in to the machine, the account has sudo",
    )


def test_a_private_key_among_the_authorized_keys_is_refused_and_not_shown() -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"
    assert chat().set("homeport:host.ssh.authorizedKeys", [key]).mistake() == Mistake(
        "homeport:host.ssh.authorizedKeys[0]",
        "a private key",
        "public keys only; this is a private one, replace it at once",
    )


def test_an_authorized_key_that_logs_nobody_in_is_refused_at_its_place() -> None:
    keys: list[Value] = [KEY, "ssh-ed25519 AAAAC3Nz"]
    mistake = chat().set("homeport:host.ssh.authorizedKeys", keys).mistake()
    assert mistake.path == "homeport:host.ssh.authorizedKeys[1]"
    assert mistake.allowed.startswith(PUBLIC_KEY)


def test_a_public_key_is_kept_as_it_is() -> None:
    host = chat().set("homeport:host.ssh.authorizedKeys", [f"{KEY} ada@laptop"]).load().host
    assert isinstance(host, GceSettings)
    assert host.ssh.authorized_keys == [f"{KEY} ada@laptop"]


@pytest.mark.parametrize(
    "user", ["daemon", "nobody", "www-data", "systemd-network", "_apt", "docker", "sudo", "backup"]
)
def test_an_account_that_the_system_has_for_itself_is_refused_as_the_login(user: str) -> None:
    assert chat().set("homeport:host.ssh.user", user).mistake() == Mistake(
        "homeport:host.ssh.user",
        f'"{user}"',
        "another name: the system has an account or a group of this one for itself, as which nobody can"
        " log in",
    )


@pytest.mark.parametrize("user", ["homeport", "ada", "ubuntu", "debian", "backup2"])
def test_any_other_account_may_be_the_login(user: str) -> None:
    host = chat().set("homeport:host.ssh.user", user).load().host
    assert isinstance(host, GceSettings)
    assert host.ssh.user == user


@pytest.mark.parametrize(
    "image",
    [
        *("cos-cloud/cos-stable", "rhel-cloud/rhel-9", "rhel-sap-cloud/rhel-9-2-sap-ha"),
        *("centos-cloud/centos-stream-9", "rocky-linux-cloud/rocky-linux-9", "almalinux-cloud/almalinux-9"),
        *("fedora-coreos-cloud/fedora-coreos-stable", "suse-cloud/sles-15", "opensuse-cloud/opensuse-leap"),
        *("oracle-linux-cloud/oracle-linux-9", "windows-cloud/windows-2022-core", "my-project/rocky-9"),
    ],
)
def test_an_image_without_apt_is_refused(image: str) -> None:
    assert chat().set("homeport:host.image", image).mistake() == Mistake(
        "homeport:host.image",
        f'"{image}"',
        "a Debian or Ubuntu image, such as debian-cloud/debian-12: the machine is set up with apt, which this"
        " one has not",
    )


@pytest.mark.parametrize("image", ["debian-cloud/debian-12-arm64", "ubuntu-os-cloud/ubuntu-2404-lts-arm64"])
def test_an_image_for_arm_is_refused_on_a_machine_that_has_none(image: str) -> None:
    assert chat().set("homeport:host.image", image).mistake() == Mistake(
        "homeport:host.image",
        f'"{image}"',
        "an image for x86, such as debian-cloud/debian-12: e2-micro has no Arm processors",
    )


@pytest.mark.parametrize("machine_type", ["t2a-standard-1", "c4a-standard-2", "n4a-standard-2"])
def test_an_image_for_x86_is_refused_on_a_machine_with_arm(machine_type: str) -> None:
    problem = "an image for Arm, such as debian-cloud/debian-12-arm64: {} has such processors"
    assert problem_of_image("debian-cloud/debian-12", machine_type) == problem.format(machine_type)
    assert problem_of_image("debian-cloud/debian-12-arm64", machine_type) is None


def test_a_machine_with_arm_is_refused_in_so_many_words() -> None:
    mistake = chat().set("homeport:host.machineType", "t2a-standard-2").mistake()
    assert mistake.allowed.endswith("; t2a-standard-2 has Arm processors, for which not all apps have images")


@pytest.mark.parametrize(
    "image",
    ["debian-cloud/debian-12", "ubuntu-os-cloud/ubuntu-2404-lts-amd64", "cosmos-images/debian-12-ours"],
)
def test_another_image_of_debian_or_ubuntu_is_taken(image: str) -> None:
    host = chat().set("homeport:host.image", image).load().host
    assert isinstance(host, GceSettings)
    assert host.image == image


def test_a_docker_engine_on_plain_tcp_is_refused() -> None:
    assert local().set("homeport:host.dockerHost", "tcp://192.0.2.1:2375").mistake() == Mistake(
        "homeport:host.dockerHost",
        '"tcp://192.0.2.1:2375"',
        "unix:// or ssh://; a Docker engine on plain TCP gives root to whoever reaches it",
    )


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_that_no_packet_can_have_is_refused(port: int) -> None:
    mistake = chat().set("homeport:host.ports", [{"port": port}]).mistake()
    assert (mistake.path, mistake.found) == ("homeport:host.ports[0].port", str(port))


@pytest.mark.parametrize(
    ("ports", "path", "found"),
    [
        ([9090], "[0]", "9090"),
        (["9090/tcp"], "[0]", '"9090/tcp"'),
        ([{"port": 9090}, None], "[1]", "null"),
    ],
)
def test_a_port_that_is_no_object_is_refused(ports: Value, path: str, found: str) -> None:
    assert chat().set("homeport:host.ports", ports).mistake() == Mistake(
        f"homeport:host.ports{path}", found, "an object: keys, each with its value"
    )


def test_a_port_open_to_nobody_is_refused_and_does_not_mean_everybody() -> None:
    assert chat().set("homeport:host.ports", [{"port": 9090, "allowFrom": []}]).mistake() == Mistake(
        "homeport:host.ports[0].allowFrom", "[]", "a list that is not empty"
    )


def test_a_port_may_be_open_to_everybody_in_so_many_words() -> None:
    host = chat().set("homeport:host.ports", [{"port": 9090, "allowFrom": ["0.0.0.0/0"]}]).load().host
    assert isinstance(host, GceSettings)
    assert host.ports[0].allow_from == ["0.0.0.0/0"]
