from __future__ import annotations

from pathlib import Path

from tools.os_packages import COMMANDS, FILES, missing_packages


def there(_: str | Path) -> bool:
    return True


def test_only_packages_whose_command_is_absent_are_missing() -> None:
    found = missing_packages(lambda name: None if name == "debootstrap" else f"/bin/{name}", there)
    assert found == ["debootstrap"]


def test_without_debians_keyring_its_package_is_missing() -> None:
    found = missing_packages(lambda name: f"/bin/{name}", lambda file: "keyring" not in file.name)
    assert found == ["debian-archive-keyring"]


def test_a_bare_machine_misses_every_package_once() -> None:
    found = missing_packages(lambda _: None, lambda _: False)
    assert found == [*dict.fromkeys(COMMANDS.values()), *FILES.values()]
