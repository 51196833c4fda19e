"""tools/find_python.sh with a PATH of its own: stand-ins for every command it could call."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "find_python.sh"


class Machine:
    """A folder of commands, and a run of the script that sees nothing else."""

    def __init__(self, folder: Path) -> None:
        self.commands = folder
        for real in ("rm", "mktemp", "tail"):
            (folder / real).symlink_to(str(which(real)))
        self.add("id", "echo 1000")

    def add(self, name: str, body: str) -> None:
        command = self.commands / name
        command.write_text(f"#!/bin/bash\n{body}\n")
        command.chmod(0o755)

    def add_python(self, name: str, version: str, *, environments: bool = True) -> None:
        status = 0 if environments else 1
        self.add(name, f'case "$2" in *ensurepip*) exit {status} ;; *) echo "{version} $0" ;; esac')

    def find(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/bash", str(SCRIPT)],
            env={"PATH": str(self.commands)},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_python3_is_taken_if_it_is_new_enough(machine: Machine) -> None:
    machine.add_python("python3", "3.11")
    machine.add_python("python3.13", "3.13")
    assert machine.find().stdout.strip() == str(machine.commands / "python3")


def test_a_newer_python_beside_an_old_python3_is_taken(machine: Machine) -> None:
    machine.add_python("python3", "3.9")
    machine.add_python("python3.12", "3.12")
    assert machine.find().stdout.strip() == str(machine.commands / "python3.12")


def test_where_python3_is_absent_the_newest_of_the_others_is_taken(machine: Machine) -> None:
    for version in ("3.9", "3.11", "3.15", "3.14"):
        machine.add_python(f"python{version}", version)
    assert machine.find().stdout.strip() == str(machine.commands / "python3.15")


def test_a_shim_that_does_not_run_is_passed_over(machine: Machine) -> None:
    machine.add("python3", "exit 127")
    machine.add_python("python3.11", "3.11")
    assert machine.find().stdout.strip() == str(machine.commands / "python3.11")


def test_a_python_that_cannot_make_environments_is_passed_over(machine: Machine) -> None:
    machine.add_python("python3", "3.12", environments=False)
    machine.add_python("python3.11", "3.11")
    assert machine.find().stdout.strip() == str(machine.commands / "python3.11")


def test_without_any_python_the_message_says_which_one_to_install(machine: Machine) -> None:
    done = machine.find()
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; no python3 was found" in done.stderr


def test_an_old_python_is_named_in_the_message(machine: Machine) -> None:
    machine.add_python("python3", "3.9")
    assert "python3 is 3.9" in machine.find().stderr


def test_a_python_without_venv_is_told_its_package(machine: Machine) -> None:
    machine.add_python("python3", "3.12", environments=False)
    done = machine.find()
    assert done.returncode == 1
    assert "sudo apt-get install python3.12-venv" in done.stderr


def test_root_on_debian_gets_the_missing_venv_installed(machine: Machine) -> None:
    machine.add("id", "echo 0")
    machine.add_python("python3", "3.11", environments=False)
    installed = machine.commands / "installed"
    # The stand-in for apt-get "installs" by making the test for ensurepip succeed.
    machine.add("apt-get", f'case "$1" in install) echo "$*" >{installed} ;; esac')
    machine.add("python3", f'case "$2" in *ensurepip*) [[ -e {installed} ]] ;; *) echo "3.11 $0" ;; esac')
    assert machine.find().stdout.strip() == str(machine.commands / "python3")
    assert "python3.11-venv" in installed.read_text()


def test_a_failed_installation_ends_with_the_message_and_what_apt_said(machine: Machine) -> None:
    machine.add("id", "echo 0")
    machine.add("apt-get", "echo E: no network; exit 100")
    done = machine.find()
    assert done.returncode == 1
    assert "E: no network" in done.stderr
    assert "needs Python 3.11" in done.stderr
