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
    """Functions of the tests that have the marker, for all or some of their cases."""
    for path in sorted((REPOSITORY / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any(
                "pytest.mark.long" in ast.unparse(each) for each in node.decorator_list
            ):
                yield node.name


def test_every_long_test_is_listed_with_what_stays() -> None:
    table = TABLE.search(PAGE.read_text())
    assert table
    listed = [line for line in table.group().splitlines() if line.startswith("| ") and "`" in line]
    names = {name for line in listed for name in re.findall(r"`(test_\w+|kept)`", line.split("|")[1])}
    assert names == set(marked())
