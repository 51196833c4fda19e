from __future__ import annotations

import json

import pytest

from bench.growth import COUNTS, project
from stacks.settings import load


@pytest.mark.parametrize("count", COUNTS)
def test_the_stack_that_is_measured_is_a_valid_one_with_so_many_apps(count: int) -> None:
    config = project("bench", count).config
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    assert len(load("bench", texts, frozenset()).apps) == count


def test_stacks_of_one_project_have_host_names_of_their_own() -> None:
    names = {json.dumps(project(stack, 1).config["homeport:apps"]) for stack in ("s1", "s2")}
    assert len(names) == 2
