"""The startup script on a machine: killed at every step, run twice, and refused."""

from __future__ import annotations

import pytest

from tests.machine.bare_machine import BareMachine

HOST_KEY_HALFWAY = "curl * @login"
KILLED_BEFORE = (
    "useradd * @login",
    'install -m "$mode" * @login',
    HOST_KEY_HALFWAY,
    'mv -f "$key.new" * @login',
    'file "$key.pub" * @login',
    'systemctl "$action" * @ssh',
    "fallocate * @swap",
    'mv "$SWAP_FILE.new" * @swap',
    "mkswap * @swap",
    "swapon * @swap",
    'echo "$entry"* @swap',
    "mkfs.ext4 * @disk",
    'echo "UUID=* @disk',
    'mount "$DATA"* @disk',
    "resize2fs * @disk",
    "systemctl -q enable * @metadata",
    'systemctl "$action" * @homeport-metadata',
    "rm -f * @homeport-metadata",
    "systemctl -q enable * @input",
    'systemctl "$action" * @homeport-input',
    "rm -f * @homeport-input",
)
"""What changes the machine, in the order it happens, and the step or service it is done for."""
KILLED_WHILE_FETCHING = ("*update @", "*--download-only* @")
"""What is done beside the steps."""
KILLED_AMONG_PACKAGES = ("containerd", "docker.io")
KILLED_LATER = (
    "systemctl -q enable * @docker",
    'systemctl "$action" * @docker',
    "usermod * @docker",
    'mv -f "$RUN/ready.new" *',
)

STATE = """
    cat /etc/fstab /etc/docker/daemon.json /etc/ssh/sshd_config.d/* /etc/sudoers.d/homeport
    stat -c '%i %s %a' /var/swap/swapfile
    blkid -p -s UUID -o value /dev/disk/by-id/google-data
    systemctl show --property MainPID docker ssh
    iptables -t raw -S
    iptables -S INPUT
    iptables -S HOMEPORT-CONTAINER
    ip6tables -S HOMEPORT-CONTAINER
    dpkg-query -W
    id homeport
"""
"""What a second run must leave as it is, the processes of the services included."""


@pytest.fixture(scope="module")
def killed(machine: BareMachine) -> list[str]:
    """The places where the bootstrap was killed, each time on top of what the runs before left."""
    bootstrap = machine.bootstrap()
    places = []
    for place in KILLED_BEFORE:
        if machine.run_until(bootstrap, place):
            places.append(place)
        if place == HOST_KEY_HALFWAY:
            assert machine.read("stat -c %a /etc/ssh/ssh_host_ed25519_key.new").strip() == "600"
    places += [place for place in KILLED_WHILE_FETCHING if machine.run_until(bootstrap, place)]
    for package in KILLED_AMONG_PACKAGES:
        if machine.run_until_package(bootstrap, package):
            places.append(package)
    places += [place for place in KILLED_LATER if machine.run_until(bootstrap, place)]
    status, output = machine.run(bootstrap)
    assert status == 0, output
    return places


def test_it_was_killed_in_every_place(killed: list[str]) -> None:
    assert killed == [*KILLED_BEFORE, *KILLED_WHILE_FETCHING, *KILLED_AMONG_PACKAGES, *KILLED_LATER]


def test_a_run_after_all_those_ends_ready(machine: BareMachine, killed: list[str]) -> None:
    assert machine.read("cat /run/homeport/ready").strip() == machine.bootstrap().hash


def test_nothing_is_left_twice(machine: BareMachine, killed: list[str]) -> None:
    fstab = machine.read("grep -c swapfile /etc/fstab; grep -c /mnt/data /etc/fstab")
    assert fstab.split() == ["1", "1"]
    assert machine.read("iptables -t raw -S PREROUTING | grep -c HOMEPORT").strip() == "1"
    for command in ("iptables", "ip6tables"):
        assert machine.read(f"{command} -S INPUT | grep -c HOMEPORT").strip() == "1"


def test_every_package_is_whole(machine: BareMachine, killed: list[str]) -> None:
    assert machine.read("dpkg --audit") == ""


def test_docker_keeps_its_data_on_the_data_disk(machine: BareMachine, killed: list[str]) -> None:
    assert machine.read("docker info --format '{{.DockerRootDir}}'").strip() == "/mnt/data/docker"
    assert machine.read("findmnt -n -o FSTYPE /mnt/data").strip() == "ext4"


def test_a_second_run_changes_nothing(machine: BareMachine, killed: list[str]) -> None:
    before = machine.read(STATE)
    status, output = machine.run(machine.bootstrap())
    assert status == 0, output
    assert machine.read(STATE) == before


def test_two_runs_at_once_wait_for_each_other(machine: BareMachine, killed: list[str]) -> None:
    before = machine.read(STATE)
    status, output = machine.sh("bash /root/bootstrap.sh & first=$!; bash /root/bootstrap.sh; wait $first")
    assert status == 0, output
    assert machine.read(STATE) == before


def test_power_loss_in_the_middle_is_mended_at_the_next_boot(machine: BareMachine, killed: list[str]) -> None:
    machine.read("docker volume create kept")
    changed = machine.bootstrap(swap=96)
    assert machine.run_until(changed, 'mv "$SWAP_FILE.new" * @swap')
    machine.set_startup_script(changed.script)
    machine.power_loss()
    assert machine.read("cat /run/homeport/ready").strip() == changed.hash
    assert machine.read("stat -c %s /var/swap/swapfile").strip() == str(96 * 1024 * 1024)
    assert machine.read("docker volume ls --quiet").split() == ["kept"]


def test_no_swap_is_a_size_too(machine: BareMachine, killed: list[str]) -> None:
    status, output = machine.run(machine.bootstrap(swap=0))
    assert status == 0, output
    assert machine.sh("ls /var/swap/swapfile; grep swapfile /etc/fstab")[0] != 0


@pytest.mark.parametrize(
    ("disk", "said"),
    [
        (
            r"printf '\125\252' | dd of=/disk/disk.img bs=1 seek=510 conv=notrunc status=none",
            "the data disk holds something that is not a file system; nothing was formatted",
        ),
        (
            "mkswap -q /disk/disk.img",
            "the data disk holds a swap file system, not ext4; nothing was formatted",
        ),
    ],
    ids=["a partition table", "another file system"],
)
def test_a_disk_that_is_not_blank_is_left_alone(second_machine: BareMachine, disk: str, said: str) -> None:
    second_machine.boot(disk)
    bootstrap = second_machine.bootstrap(swap=0)
    first_mebibyte = "head -c 1048576 /dev/disk/by-id/google-data | sha256sum"
    before = second_machine.read(first_mebibyte)

    assert second_machine.run(bootstrap)[0] == 1

    assert second_machine.read("cat /run/homeport/failed").splitlines() == [
        bootstrap.hash,
        "The bootstrap failed in step 'disk' (exit status 1):",
        said,
    ]
    assert second_machine.read(first_mebibyte) == before
