"""Make's targets on another Python: what the container is given, and which versions there are."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from sandbox.images.catalogue import PYTHON
from tools import python_container
from tools.progress import SetupError
from tools.python_container import arguments, run
from tools.python_environment import NEWEST, OLDEST, REPOSITORY, numbers


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """What docker is to run, for a linked work tree."""
    socket = tmp_path / "docker.sock"
    socket.touch()
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PIP_INDEX_URL": "https://pip", "SECRET": "x"}
    return arguments("image", "3.15", ["demo", "APP=both"], environment, tmp_path / "git", socket)


def values(option: str, given: list[str]) -> list[str]:
    return [after for before, after in itertools.pairwise(given) if before == option]


def test_what_is_shared_has_the_same_path_inside(given: list[str], tmp_path: Path) -> None:
    shared = [tmp_path / "cache", tmp_path / "git", tmp_path / "docker.sock", REPOSITORY, Path("/tmp")]
    assert {f"{path}:{path}" for path in shared} <= set(values("--volume", given))


def test_the_environment_is_one_of_that_python(given: list[str]) -> None:
    assert f"{REPOSITORY}/build/python-3.15:{REPOSITORY}/.venv" in values("--volume", given)


def test_of_the_variables_only_those_for_packages_and_the_network_are_passed(given: list[str]) -> None:
    named = [variable for variable in values("--env", given) if "=" not in variable]
    assert named == ["XDG_CACHE_HOME", "PIP_INDEX_URL"]


def test_the_last_words_are_the_targets(given: list[str]) -> None:
    assert given[-4:] == ["image", "make", "demo", "APP=both"]


def test_a_python_that_no_debian_has_is_told_with_those_that_there_are() -> None:
    with pytest.raises(SetupError, match=r"Python 3\.9 .*; 3\.11, 3\.13, "):
        run("3.9", ["test-unit"])


def test_an_engine_elsewhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_container, "endpoint", lambda: "tcp://192.0.2.1:2376")
    with pytest.raises(SetupError, match=r"not tcp://192\.0\.2\.1:2376"):
        run(NEWEST, ["test-unit"])


def test_the_oldest_and_the_newest_python_can_be_had() -> None:
    versions = sorted(PYTHON, key=numbers)
    assert (versions[0], versions[-1]) == (OLDEST, NEWEST)
