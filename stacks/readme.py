"""The page that Pulumi's console shows of a stack: Pulumi.README.md, made to fit this one.

The console takes the text of the output `readme` and puts the values of other outputs in the place of
`${outputs.name}`, also `${outputs.name.key}` and `${outputs.name[0]}` ("Stack README" in its documentation).
It knows no loops and no conditions, so this does what depends on the stack and not on values: a line with
`<app>` is there for each app, one with `[*]` for each element, and one that needs an output which this stack
does not have is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

FILE = Path(__file__).parent.parent / "Pulumi.README.md"
_OUTPUT = re.compile(r"\$\{outputs\.([\w-]+)")


def stack_readme(stack: str, apps: Sequence[str], records: int, backup: bool) -> str:
    """The page of a stack with these apps, so many DNS records, and backups or none."""
    lines = FILE.read_text().replace("<stack>", stack).splitlines()
    lists = {"dnsRecords": records}
    known = {*apps, *lists, "address", "ssh", *(["backup"] if backup else [])}
    fitted = [line for one in lines for line in _lines(one, apps, lists) if _outputs(line) <= known]
    return "\n".join(_numbered(fitted)) + "\n"


def _lines(line: str, apps: Sequence[str], lists: Mapping[str, int]) -> Iterator[str]:
    if "<app>" in line:
        yield from (line.replace("<app>", app) for app in apps)
    elif "[*]" in line:
        counts = [lists.get(name, 0) for name in _outputs(line)]
        yield from (line.replace("[*]", f"[{index}]") for index in range(min(counts, default=0)))
    else:
        yield line


def _outputs(line: str) -> set[str]:
    return set(_OUTPUT.findall(line))


def _numbered(lines: Sequence[str]) -> Iterator[str]:
    """Steps counted anew: some are left out or there several times."""
    number = 0
    for line in lines:
        step = re.match(r"\d+\. ", line)
        number += 1 if step else 0
        yield f"{number}. {line[step.end() :]}" if step else line
