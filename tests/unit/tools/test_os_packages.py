from __future__ import annotations

from tools.os_packages import COMMANDS, FILES, missing_packages


def test_only_packages_whose_command_is_absent_are_missing() -> None:
    found = missing_packages(
        lambda name: None if name == "debootstrap" else f"/bin/{name}", lambda path: path in FILES
    )
    assert found == ["debootstrap"]


def test_a_package_whose_file_is_absent_is_missing() -> None:
    assert missing_packages(lambda name: f"/bin/{name}", lambda _: False) == ["debian-archive-keyring"]


def test_a_bare_machine_misses_every_package_once() -> None:
    packages = [*COMMANDS.values(), *FILES.values()]
    assert missing_packages(lambda _: None, lambda _: False) == list(dict.fromkeys(packages))
