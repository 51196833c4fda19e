"""A picture as Mermaid, which code hosts draw inside of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from diagram.graph import NodeKind, Picture, Reach, ReachKind

_SHAPES: dict[NodeKind, tuple[str, str]] = {
    "people": ("([", "])"),
    "firewall": ("{{", "}}"),
    "container": ("[", "]"),
    "host": ("[", "]"),
    "volume": ("[(", ")]"),
    "record": ("[", "]"),
    "outside": ("([", "])"),
    "bucket": ("[(", ")]"),
    "danger": ("[", "]"),
}
_ARROWS: dict[ReachKind, str] = {"traffic": "-->", "data": "-.->", "name": "-.->"}
_STYLES = (
    "classDef volume stroke-dasharray:3 2",
    "classDef record stroke-dasharray:3 2",
    "classDef danger stroke:#c0392b,stroke-width:2px",
)
"""Strokes only: the colours of the reader's theme, dark or light, stay."""


def mermaid(picture: Picture) -> str:
    """The text of the picture."""
    names = {one.key: f"n{number}" for number, one in enumerate(picture.nodes)}
    names |= {one.key: f"g{number}" for number, one in enumerate(picture.groups)}
    lines = [
        "flowchart TB",
        *_content(picture, "", names, 1),
        *(f"  {_reach(one, names)}" for one in picture.reaches),
        *(f"  {style}" for style in _STYLES),
    ]
    return "\n".join(lines) + "\n"


def _content(picture: Picture, group: str, names: dict[str, str], depth: int) -> Iterator[str]:
    indent = "  " * depth
    groups, nodes = picture.inside(group)
    for node in nodes:
        before, after = _SHAPES[node.kind]
        label = _label(node.title, node.details)
        # Mermaid takes only classes that have a definition.
        style = f":::{node.kind}" if any(one.split()[1] == node.kind for one in _STYLES) else ""
        yield f'{indent}{names[node.key]}{before}"{label}"{after}{style}'
    for one in groups:
        yield f'{indent}subgraph {names[one.key]}["{_label(one.title, one.details, ", ")}"]'
        yield from _content(picture, one.key, names, depth + 1)
        yield f"{indent}end"


def _reach(one: Reach, names: dict[str, str]) -> str:
    label = f'|"{_escaped(one.label)}"|' if one.label else ""
    return f"{names[one.source]} {_ARROWS[one.kind]}{label} {names[one.target]}"


def _label(title: str, details: tuple[str, ...], between: str = "<br/>") -> str:
    parts = [_escaped(part) for part in details if part]
    if between == "<br/>":
        return between.join([f"<b>{_escaped(title)}</b>", *parts])
    return f"{_escaped(title)}: {between.join(parts)}" if parts else _escaped(title)


def _escaped(text: str) -> str:
    """Mermaid's own way for what would end a label."""
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
