"""What a person reads in a preview about cost and memory, before anything exists."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.engine import Engine, homeport
from tests.engine.empty_cloud import empty_cloud


def previewed(folder: Path, stack: str) -> str:
    """The outputs that a preview of a shipped stack prints, in a cloud where its zone is there already."""
    empty_cloud(folder, "estimate").ensure_zone("example.com")
    return Engine(folder, homeport(stack)).preview().stdout.partition("Outputs:")[2]


def line(name: str, text: str) -> str:
    """A line of the outputs, which the engine aligns."""
    return rf'^ +{name} *: "{text}"$'


def test_a_preview_says_each_item_each_container_and_the_total_on_a_line_of_its_own(tmp_path: Path) -> None:
    outputs = previewed(tmp_path, "chat")
    for expected in (
        line("total", r"0\.00 to 4\.95 USD a month, and what is by usage"),
        line("bootDisk", r"0\.00 USD, 10 GB pd-standard, always free"),
        line("machine", r"0\.00 USD, e2-micro in us-west1: always free, .*; else 6\.11 USD"),
        line("address", r"0\.00 to 3\.65 USD, sources differ .*"),
        line("mattermost/mattermost", "512 MiB at most"),
        line("fits", "yes: 1472 MiB needed of 2880"),
    ):
        assert re.search(expected, outputs, re.MULTILINE), expected
