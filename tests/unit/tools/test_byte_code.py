from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from tools.byte_code import compile_sources


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "components" / "domain.py"
    path.parent.mkdir()
    path.write_text("ANSWER = 42\n")
    return path


def compiled(source: Path) -> Path:
    return Path(importlib.util.cache_from_source(str(source)))


def test_sources_are_compiled_where_python_must_not(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compile_sources(source.parents[1])
    assert compiled(source).exists()


def test_else_it_is_left_to_the_first_import(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    compile_sources(source.parents[1])
    assert not compiled(source).exists()


def test_a_file_that_cannot_be_compiled_stops_nothing(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (source.parent / "broken.py").write_text("def")
    compile_sources(source.parents[1])
    assert compiled(source).exists()


def test_the_python_environment_is_not_looked_through(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    installed = source.parents[1] / ".venv" / "lib" / "module.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("")
    compile_sources(source.parents[1])
    assert not compiled(installed).exists()
