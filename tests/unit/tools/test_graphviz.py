from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from diagram.dot import dot
from diagram.graph import Group, Node, Picture, Reach
from diagram.mermaid import mermaid
from diagram.svg import mark, svg
from tools import graphviz
from tools.cache import cache_directory
from tools.progress import SetupError
from tools.python_environment import fingerprint

PICTURE = Picture(
    "stack try",
    (Group("machine", "machine", 'a "machine"', ("1 < 2",)),),
    (Node("a", "container", "first & last", ("x:1",), "machine"), Node("v", "volume", "data", (), "machine")),
    (Reach("v", "a", "data"), Reach("a", "a", "traffic", "80")),
)


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return cache_directory()


def test_graphviz_that_was_installed_is_taken(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = empty_cache / "graphviz" / fingerprint(graphviz.REQUIREMENTS)[:16]
    there.mkdir(parents=True)
    monkeypatch.setattr(graphviz, "run", lambda *_, **__: pytest.fail("installed once more"))
    assert graphviz.find_graphviz() == there


def test_an_installation_that_fails_leaves_nothing_behind(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise SetupError("no network")

    monkeypatch.setattr(graphviz, "run", fails)
    with pytest.raises(SetupError, match="no network"):
        graphviz.find_graphviz()
    assert [path.name for path in (empty_cache / "graphviz").iterdir()] == ["install.lock"]


def test_what_is_installed_is_pinned_by_hash() -> None:
    text = graphviz.REQUIREMENTS.read_text()
    assert "pygraphviz==" in text
    assert "--hash=sha256:" in text


def test_a_graph_that_cannot_be_drawn_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(graphviz, "find_graphviz", lambda: tmp_path)
    failed = subprocess.CompletedProcess([], 1, "", "syntax error in line 1")
    monkeypatch.setattr("tools.graphviz.subprocess.run", lambda *_, **__: failed)
    with pytest.raises(SetupError, match="syntax error in line 1"):
        graphviz.drawn("digraph {")


def test_the_svg_says_what_it_was_drawn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagram.svg.drawn", lambda _: '<?xml version="1.0"?>\n<svg></svg>\n')
    assert svg(PICTURE) == f'<?xml version="1.0"?>\n{mark(PICTURE)}\n<svg></svg>\n'


def test_another_picture_has_another_mark() -> None:
    other = Picture(PICTURE.title, PICTURE.groups, PICTURE.nodes, PICTURE.reaches[:1])
    assert mark(other) != mark(PICTURE)


def test_words_that_mean_something_to_graphviz_are_escaped() -> None:
    text = dot(PICTURE)
    assert "first &amp; last" in text
    assert "a &quot;machine&quot;" in text
    assert "1 &lt; 2" in text


def test_words_that_mean_something_to_mermaid_are_escaped() -> None:
    text = mermaid(PICTURE)
    assert 'n0["<b>first #amp; last</b><br/>x:1"]' in text
    assert 'subgraph g0["a #quot;machine#quot;: 1 #lt; 2"]' in text


def test_a_volume_stands_below_who_reads_it_with_the_arrow_at_the_reader() -> None:
    (line,) = [line for line in dot(PICTURE).splitlines() if line.startswith('  "a" -> "v"')]
    assert 'dir="back"' in line
