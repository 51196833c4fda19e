"""The pictures in the documentation show what the program makes now."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree

import pytest

from diagram.files import PICTURES, SHIPPED, page
from diagram.mermaid import mermaid
from diagram.svg import mark
from tests.unit.diagram.drawing import drawing

_SVG = "{http://www.w3.org/2000/svg}"


def stale(found: str, wanted: str, name: str) -> str:
    """What to say of a file that does not show what the program makes; empty where it does."""
    return (
        ""
        if found == wanted
        else f"docs/pictures/{name} shows something else than the program makes now; run: make diagrams"
    )


@pytest.mark.parametrize("stack", SHIPPED)
def test_the_mermaid_of_a_shipped_stack_is_what_the_program_gives_now(stack: str) -> None:
    name = f"{stack}.mmd"
    assert not stale((PICTURES / name).read_text(), mermaid(drawing(stack)), name)


@pytest.mark.parametrize("stack", SHIPPED)
def test_the_svg_of_a_shipped_stack_was_drawn_from_what_the_program_gives_now(stack: str) -> None:
    name = f"{stack}.svg"
    lines = (PICTURES / name).read_text().splitlines()
    (found,) = [line for line in lines if line.startswith("<!-- Drawn by")]
    assert not stale(found, mark(drawing(stack)), name)


@pytest.mark.parametrize("stack", SHIPPED)
def test_the_svg_of_a_shipped_stack_has_every_node_box_and_arrow(stack: str) -> None:
    drawn = drawing(stack)
    volumes = {node.key for node in drawn.nodes if node.kind == "volume"}
    arrows = [
        f"{one.target}->{one.source}" if one.source in volumes else f"{one.source}->{one.target}"
        for one in drawn.reaches
    ]
    wanted = Counter(
        [
            *(("node", node.key) for node in drawn.nodes),
            *(("cluster", f"cluster {group.key}") for group in drawn.groups),
            *(("edge", arrow) for arrow in arrows),
        ]
    )
    tree = ElementTree.parse(PICTURES / f"{stack}.svg")  # noqa: S314  this repository's own file
    found = Counter(
        (one.get("class"), one.findtext(f"{_SVG}title"))
        for one in tree.iter(f"{_SVG}g")
        if one.get("class") != "graph"
    )
    assert found == wanted, "run: make diagrams"


def test_the_page_of_pictures_is_what_the_program_gives_now() -> None:
    name = "README.md"
    assert not stale((PICTURES / name).read_text(), page([drawing(stack) for stack in SHIPPED]), name)


def test_a_stale_file_is_told_with_the_command_that_draws_it_anew() -> None:
    assert stale("flowchart TB\n", mermaid(drawing("local")), "local.mmd").endswith("run: make diagrams")
