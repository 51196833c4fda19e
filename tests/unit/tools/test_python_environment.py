from __future__ import annotations

from pathlib import Path

import pytest

from tools.python_environment import fingerprint, is_current


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


def test_an_environment_whose_python_was_removed_is_stale(environment: Path, requirements: Path) -> None:
    (environment / "bin" / "python").unlink()
    assert not is_current(environment, requirements)
