"""The files with pictures."""

from __future__ import annotations

from pathlib import Path

from diagram.deployment import picture
from diagram.graph import Picture
from diagram.mermaid import mermaid
from diagram.rehearsal import REPOSITORY, rehearse
from diagram.svg import svg

SHIPPED = ("chat", "local", "social")
"""The stacks whose pictures are in the documentation; `sandbox` is `chat` with other names."""
PICTURES = REPOSITORY / "docs" / "pictures"

_PAGE = """# Pictures of the shipped stacks

Written by `make diagrams`, each from the resources that the program asks for with that stack file.
`make diagram STACK=chat` draws your own stack: it needs neither an account nor the stack's passphrase. A
container stands in that of its networks which is nearest to the internet; the others are written in it.
Containers of one network can reach each other; the arrows are the connections that they are told to open.
"""


def write(stack: str, folder: Path, settings: Path = REPOSITORY / "stacks") -> list[Path]:
    """Write both forms of one stack's picture, by its file in the folder `settings`; their paths."""
    return _write(picture(stack, rehearse(stack, settings)), folder)


def _write(drawing: Picture, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    name = _name(drawing)
    files = {folder / f"{name}.svg": svg(drawing), folder / f"{name}.mmd": mermaid(drawing)}
    for path, content in files.items():
        path.write_text(content)
    return list(files)


def page(pictures: list[Picture]) -> str:
    """The page that shows the shipped stacks."""
    sections = [
        f"\n## {one.title}\n\n![{one.title}]({_name(one)}.svg)\n\nThe same as Mermaid:\n\n"
        f"```mermaid\n{mermaid(one)}```\n"
        for one in pictures
    ]
    return _PAGE + "".join(sections)


def write_shipped() -> list[Path]:
    """Write what the documentation shows."""
    drawings = [picture(stack, rehearse(stack)) for stack in SHIPPED]
    written = [path for drawing in drawings for path in _write(drawing, PICTURES)]
    shown = PICTURES / "README.md"
    shown.write_text(page(drawings))
    return [*written, shown]


def _name(one: Picture) -> str:
    return one.title.removeprefix("stack ")
