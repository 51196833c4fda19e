from __future__ import annotations

from tools.os_packages import COMMANDS, missing_packages


def test_only_packages_whose_command_is_absent_are_missing() -> None:
    assert missing_packages(lambda name: None if name == "debootstrap" else f"/bin/{name}") == ["debootstrap"]


def test_a_bare_machine_misses_every_package_once() -> None:
    assert missing_packages(lambda _: None) == list(dict.fromkeys(COMMANDS.values()))
