"""Which Python the TLS scanner's environment is made with."""

from __future__ import annotations

import pytest

from tools.progress import SetupError
from tools.tls_scanner.environment import NEWEST, chosen


@pytest.mark.parametrize("version", ["3.11", NEWEST])
def test_our_own_python_is_taken_where_the_scanner_has_packages_for_it(version: str) -> None:
    assert chosen((version, "/usr/bin/python3"), lambda _: None) == (version, "/usr/bin/python3")


def test_beside_a_python_that_is_too_new_the_newest_other_is_taken() -> None:
    there = {"python3.9": "/9", "python3.11": "/11", "python3.13": "/13", "python3.15": "/15"}
    assert chosen(("3.15", "/15"), there.get) == ("3.13", "/13")


def test_without_another_python_the_message_says_which_one_to_install() -> None:
    with pytest.raises(
        SetupError, match=r"no package for Python 3\.15 yet.\n.*apt-get install python3\.14-venv"
    ):
        chosen(("3.15", "/15"), lambda _: None)
