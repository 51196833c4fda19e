from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import python_environment
from tools.progress import StepFailedError
from tools.python_environment import (
    NEWEST,
    OLDEST,
    REPOSITORY,
    VERSION,
    fingerprint,
    is_current,
    main,
    make,
)


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text("pulumi==3.259.0\n")
    return path


@pytest.fixture
def environment(tmp_path: Path, requirements: Path) -> Path:
    """An environment as `make` leaves it."""
    path = tmp_path / ".venv"
    (path / "bin").mkdir(parents=True)
    (path / "bin" / "python").touch()
    (path / "lib" / f"python{VERSION}").mkdir(parents=True)
    (path / "requirements.sha256").write_text(f"{fingerprint(requirements)}\n")
    return path


def test_an_environment_made_from_these_requirements_is_current(
    environment: Path, requirements: Path
) -> None:
    assert is_current(environment, requirements)


def test_a_changed_requirement_makes_the_environment_stale(environment: Path, requirements: Path) -> None:
    requirements.write_text("pulumi==3.260.0\n")
    assert not is_current(environment, requirements)


def test_an_environment_whose_installation_was_interrupted_is_stale(
    environment: Path, requirements: Path
) -> None:
    (environment / "requirements.sha256").unlink()
    assert not is_current(environment, requirements)


def test_an_environment_whose_python_has_become_another_is_stale(
    environment: Path, requirements: Path
) -> None:
    (environment / "lib" / f"python{VERSION}").rename(environment / "lib" / "python3.10")
    assert not is_current(environment, requirements)


def test_an_environment_is_made_with_the_python_that_was_given_and_its_folder_stays(
    environment: Path, requirements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (environment / "bin" / "python").unlink()
    python = tmp_path / "python3.14"
    # `python -m venv --clear FOLDER` makes one; pip and compileall say nothing.
    python.write_text(
        '#!/bin/sh\ncase "$2 $3" in "venv --clear")'
        ' mkdir -p "$4/lib/python3.14" && cp "$0" "$4/bin/python" ;; esac\n'
    )
    python.chmod(0o755)
    # One that is mounted there cannot be removed.
    before = environment.stat().st_ino
    make(environment, requirements, tmp_path / "lock", python=("3.14", str(python)))
    assert environment.stat().st_ino == before
    assert is_current(environment, requirements, "3.14")


def test_an_environment_whose_python_was_removed_is_stale(environment: Path, requirements: Path) -> None:
    (environment / "bin" / "python").unlink()
    assert not is_current(environment, requirements)


@pytest.mark.parametrize(
    ("version", "said"),
    [("3.99", f"tested with Python {OLDEST} to {NEWEST}, and this is 3.99"), (NEWEST, "no package\n")],
    ids=["too new", "supported"],
)
def test_a_failure_with_a_python_that_is_too_new_names_the_newest_that_is_tested(
    version: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise StepFailedError("no package")

    monkeypatch.setattr(python_environment, "make", fail)
    monkeypatch.setattr(python_environment, "VERSION", version)
    assert main([]) == 1
    shown = capsys.readouterr().err
    assert said in shown
    assert ("is tested with" in shown) is (version != NEWEST)


@pytest.mark.parametrize(
    ("file", "pattern", "version"),
    [
        ("README.md", r"Python (3\.\d+) to", OLDEST),
        ("README.md", r"Python 3\.\d+ to (3\.\d+)", NEWEST),
        ("docs/continuous-integration.md", r"on Python (3\.\d+) and on 3", OLDEST),
        ("docs/continuous-integration.md", r"on Python 3\.\d+ and on (3\.\d+)", NEWEST),
        ("tools/find_python.sh", r'minimum="(3\.\d+)"', OLDEST),
        ("tools/pin_requirements.sh", r"--python-version (3\.\d+)", OLDEST),
        ("pyproject.toml", r'python_version = "(3\.\d+)"', OLDEST),
        ("pyproject.toml", r'target-version = "py(\d+)"', OLDEST.replace(".", "")),
    ],
)
def test_the_supported_versions_are_the_same_wherever_they_are_named(
    file: str, pattern: str, version: str
) -> None:
    assert set(re.findall(pattern, (REPOSITORY / file).read_text())) == {version}
