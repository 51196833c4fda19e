from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from tools.cache import cache_directory, locked


def test_the_cache_is_where_xdg_says() -> None:
    assert cache_directory({"XDG_CACHE_HOME": "/var/cache/me"}) == Path("/var/cache/me/homeport")


@pytest.mark.parametrize("variables", [{}, {"XDG_CACHE_HOME": ""}, {"XDG_CACHE_HOME": "relative"}])
def test_the_cache_is_in_the_home_folder_otherwise(variables: dict[str, str]) -> None:
    assert cache_directory(variables) == Path.home() / ".cache" / "homeport"


def test_a_lock_keeps_others_out_until_it_is_left(tmp_path: Path) -> None:
    lock = tmp_path / "engine" / "engine.lock"
    with locked(lock), lock.open("w") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
