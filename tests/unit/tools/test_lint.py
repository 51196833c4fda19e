from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import lint
from tools.lint import (
    Check,
    Linters,
    checks,
    go_modules,
    image_programs,
    passes,
    python_roots,
    shell_scripts,
    workflows,
)

FILES = [
    Path(".github/workflows/ci.yml"),
    Path("__main__.py"),
    Path("components/host/bootstrap.sh"),
    Path("components/host/gce.py"),
    Path("components/edge.py"),
    Path("docs/design.md"),
]
LINTERS = Linters(Path("/venv/bin"), Path("/cache/actionlint"), Path("/go/bin/go"))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lint, "REPOSITORY", tmp_path)
    return tmp_path


def test_every_top_level_place_with_python_is_checked_once() -> None:
    assert python_roots(FILES) == ["__main__.py", "components"]


def test_shell_scripts_without_a_suffix_are_found_by_their_first_line(repository: Path) -> None:
    contents = {
        "run": "#!/usr/bin/env bash\n",
        "init": "#!/bin/sh\n",
        "Makefile": "all:\n",
        "tool": "#!/bin/cat\n",
    }
    for name, text in contents.items():
        (repository / name).write_text(text)
    assert shell_scripts([Path(name) for name in contents]) == ["run", "init"]


def test_only_files_in_the_workflows_folder_are_workflows() -> None:
    assert workflows(FILES) == [".github/workflows/ci.yml"]


def test_all_linters_are_run() -> None:
    names = [check.name for check in checks(FILES, LINTERS)]
    assert names == ["ruff check", "ruff format", "mypy --strict", "shellcheck", "actionlint", "zizmor"]


def test_a_linter_without_files_is_left_out() -> None:
    names = [check.name for check in checks([Path("__main__.py")], LINTERS)]
    assert names == ["ruff check", "ruff format", "mypy --strict"]


def test_the_programs_of_each_image_are_checked_by_themselves() -> None:
    cloud = [Path("sandbox/images/cloud/dns.py"), Path("sandbox/images/build.py")]
    assert image_programs(cloud) == [Path("sandbox/images/cloud")]
    folders = [check.folder for check in checks(cloud, LINTERS) if check.name.startswith("mypy")]
    assert folders == [Path(), Path("sandbox/images/cloud")]


def test_go_code_is_checked_and_a_module_that_only_pins_is_not() -> None:
    files = [Path("tools/go.mod"), Path("images/chat/go.mod"), Path("images/chat/model/post.go")]
    assert go_modules(files) == [Path("images/chat")]
    names = [check.name for check in checks(files, LINTERS)]
    assert names[-3:] == ["gofmt chat", "go vet chat", "go test chat"]


def test_output_of_a_check_that_should_say_nothing_is_a_failure(repository: Path) -> None:
    assert not passes(Check("fake", ["echo", "-a := 1"], says_nothing=True))


def test_a_check_that_fails_shows_what_it_said(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not passes(Check("fake", ["sh", "-c", "echo a.py:1: wrong; exit 1"]))
    assert "a.py:1: wrong\nlint: fake failed" in capsys.readouterr().err


def test_a_check_that_passes_says_nothing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert passes(Check("fake", ["sh", "-c", "echo fine"]))
    assert capsys.readouterr().err == ""


def test_new_files_are_checked_and_ignored_ones_are_not(repository: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(repository)], check=True)
    (repository / ".gitignore").write_text("build/\n")
    (repository / "build").mkdir()
    (repository / "build" / "made.py").touch()
    (repository / "new.py").touch()
    assert lint.source_files() == [Path(".gitignore"), Path("new.py")]
