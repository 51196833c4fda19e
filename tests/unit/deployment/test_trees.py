from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

from tests.unit.deployment.recorder import STACKS, deployed

TREES = Path(__file__).parent / "trees"
WRITE = "HOMEPORT_WRITE_TREES"


def compare(path: Path, found: str, *, write: bool) -> None:
    """Fail with a diff where a tree differs from its file; writing it fails as well, to be looked at."""
    if write:
        path.write_text(found)
        pytest.fail(f"wrote {path.name}: look at its diff, then run without {WRITE}", pytrace=False)
    expected = path.read_text() if path.exists() else ""
    if found != expected:
        difference = "".join(
            difflib.unified_diff(
                expected.splitlines(keepends=True), found.splitlines(keepends=True), path.name, "found", n=1
            )
        )
        pytest.fail(
            f"{difference}\nIf this is wanted: {WRITE}=1 make test-unit ARGS='-k trees'", pytrace=False
        )


@pytest.mark.parametrize("stack", STACKS)
def test_a_shipped_stack_makes_exactly_these_resources(stack: str) -> None:
    compare(TREES / f"{stack}.txt", deployed(stack).tree(), write=bool(os.environ.get(WRITE)))


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_plans_what_the_update_then_makes(stack: str) -> None:
    assert deployed(stack, preview=True).tree() == deployed(stack).tree()


def test_every_shipped_stack_file_is_looked_at() -> None:
    files = (TREES.parents[3] / "stacks").glob("Pulumi.*.yaml")
    assert sorted(file.name.split(".")[1] for file in files) == sorted(STACKS)


def test_a_difference_is_shown_with_the_command_that_accepts_it(tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text("docker:Volume data [protect]\n")
    with pytest.raises(pytest.fail.Exception) as failure:
        compare(tmp_path / "chat.txt", "docker:Volume data\n", write=False)
    shown = str(failure.value)
    assert "-docker:Volume data [protect]\n+docker:Volume data\n" in shown
    assert "HOMEPORT_WRITE_TREES=1 make test-unit" in shown


def test_writing_a_tree_never_passes(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="look at its diff"):
        compare(tmp_path / "chat.txt", "docker:Volume data\n", write=True)
    assert (tmp_path / "chat.txt").read_text() == "docker:Volume data\n"


def test_a_missing_tree_is_a_difference(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"\+docker:Volume data"):
        compare(tmp_path / "new.txt", "docker:Volume data\n", write=False)
