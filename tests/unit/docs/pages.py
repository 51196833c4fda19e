"""The pages of documentation as what a reader follows: links, anchors, make targets, stack files."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools.setting_types import anchor

REPOSITORY = Path(__file__).parent.parent.parent.parent
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CHANGELOG.md",
    REPOSITORY / "sandbox" / "README.md",
    *sorted((REPOSITORY / "docs").glob("*.md")),
]

SHORTENED_KEY = "AAAA..."
"""How an example shows a public key, which is too long to be read anyway."""
KEY = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(range(32))).decode()

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]+`")
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
_INDENTED = re.compile(r"^ {4}.*$", re.MULTILINE)
# In prose and comments "make" is also a verb, so only what stands in code counts.
_MAKE = re.compile(r"\bmake ([a-z][a-z0-9-]*)")


@dataclass(frozen=True)
class Page:
    """One file of documentation."""

    path: Path

    @property
    def name(self) -> str:
        """Where it is in the repository."""
        return str(self.path.relative_to(REPOSITORY))

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text()

    @property
    def prose(self) -> str:
        """What is left without its blocks of code."""
        return _INDENTED.sub("", _FENCE.sub("", self.text))

    @property
    def code(self) -> Iterator[str]:
        """Everything that stands in code: blocks line by line, and words within lines."""
        for _, block in _FENCE.findall(self.text):
            yield from str(block).splitlines()
        without_fences = _FENCE.sub("", self.text)
        yield from (line.strip() for line in _INDENTED.findall(without_fences))
        yield from (words.strip("`") for words in _CODE.findall(self.prose))

    @property
    def anchors(self) -> set[str]:
        """What its headings can be linked by; a repeated heading gets a number, as on GitHub."""
        seen: dict[str, int] = {}
        found: set[str] = set()
        for title in _HEADING.findall(self.prose):
            name = anchor(title)
            count = seen.get(name, 0)
            seen[name] = count + 1
            found.add(f"{name}-{count}" if count else name)
        return found

    @property
    def links(self) -> list[str]:
        """Targets of links that are not to other sites."""
        return [
            target
            for target in _LINK.findall(_CODE.sub("", self.prose))
            if not re.match(r"[a-z]+:", target, re.IGNORECASE)
        ]

    @property
    def make_targets(self) -> set[str]:
        """Every target that a command line or a word in code names."""
        return {target for line in self.code for target in _MAKE.findall(line.split("#")[0])}

    @property
    def stack_files(self) -> list[Mapping[str, object]]:
        """The configuration of each block of YAML that is a stack file, public keys in full."""
        found = []
        for language, block in _FENCE.findall(self.text):
            if language in {"yaml", "yml"} and "homeport:" in block:
                content = yaml.safe_load(str(block).replace(SHORTENED_KEY, KEY))
                found.append(content["config"])
        return found


def broken(page: Page, target: str) -> str | None:
    """What is wrong with a relative link of a page, or None."""
    file, _, fragment = target.partition("#")
    path = (page.path.parent / file).resolve() if file else page.path
    if not path.exists():
        return f"{page.name}: {target}: there is no such file"
    if fragment and fragment not in Page(path).anchors:
        return f"{page.name}: {target}: no heading of {path.name} is called that"
    return None


def as_configuration(config: Mapping[str, object]) -> dict[str, str]:
    """A stack file's values as the engine hands them over: structures as JSON, text as it is."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
