"""The page about testing lists the tests that are long by nature, and no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
PAGE = REPOSITORY / "docs" / "testing.md"
TABLE = re.compile(r"^## Long tests$.*", re.MULTILINE | re.DOTALL)


def marked() -> Iterator[str]:
    """Tests that have the marker, for all or some of their cases."""
    for path in sorted((REPOSITORY / "tests").rglob("test_*.py")):
        text = path.read_text()
        whole_file = "\npytestmark = pytest.mark.long\n" in text
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                decorators = " ".join(map(ast.unparse, node.decorator_list))
                if whole_file or "pytest.mark.long" in decorators:
                    yield node.name


def test_every_long_test_is_listed_with_what_stays() -> None:
    table = TABLE.search(PAGE.read_text())
    assert table
    listed = [line for line in table.group().splitlines() if line.startswith("| ") and "`" in line]
    names = {name for line in listed for name in re.findall(r"`(test_\w+)`", line.split("|")[1])}
    assert names == set(marked())
