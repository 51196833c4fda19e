"""A picture in Graphviz's language, from which the SVG is drawn.

The colours are of the picture's own light sheet, so that it can be read on dark pages as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from diagram.graph import Group, GroupKind, Node, NodeKind, Picture, Reach, ReachKind

FONT = "Helvetica,Arial,sans-serif"
LEGEND = (
    "Solid: who opens a connection to whom, and the port. Dashed: files, in the direction they go.",
    "Containers on one network can reach each other; a network without a way out reaches nothing else.",
)
_LINE_END = '<BR ALIGN="LEFT"/>'
_INK = "#1f2933"
_FAINT = "#52606d"
_PAPER = "#ffffff"


@dataclass(frozen=True)
class Look:
    """Shape and colours."""

    shape: str
    fill: str
    line: str
    style: str = "filled"


_NODES: dict[NodeKind, Look] = {
    "people": Look("box", "#ffffff", "#52606d", "filled,rounded"),
    "firewall": Look("hexagon", "#fdf3dc", "#b7791f"),
    "container": Look("box", "#ffffff", "#2f6f9f", "filled,rounded"),
    "host": Look("box", "#ffffff", "#52606d", "filled,rounded"),
    "volume": Look("cylinder", "#f5f0fa", "#7c5aa6"),
    "record": Look("note", "#ffffff", "#52606d"),
    "outside": Look("box", "#ffffff", "#52606d", "filled,rounded"),
    "bucket": Look("cylinder", "#f5f0fa", "#7c5aa6"),
    "danger": Look("box", "#fdeaea", "#c0392b"),
}
_GROUPS: dict[GroupKind, Look] = {
    "internet": Look("", "#eef2f6", "#9aa5b1"),
    "dns": Look("", "#eef2f6", "#9aa5b1"),
    "machine": Look("", "#f7f9fb", "#52606d"),
    "open": Look("", "#e6f1f8", "#2f6f9f"),
    "closed": Look("", "#e8f4ea", "#3c8a4b"),
    "disk": Look("", "#fbf8fd", "#7c5aa6"),
}
_REACHES: dict[ReachKind, dict[str, str]] = {
    "traffic": {"color": "#2f6f9f", "penwidth": "1.6"},
    "data": {"color": "#a58fc2", "style": "dashed", "arrowsize": "0.7"},
    "name": {"color": "#52606d", "style": "dotted"},
}


def dot(picture: Picture) -> str:
    """The text of the picture. Nodes are named by their keys, which the SVG has as titles."""
    lines = [
        f"digraph {_quoted(picture.title)} {{",
        f'  graph [rankdir=TB, fontname="{FONT}", fontcolor="{_INK}", bgcolor="{_PAPER}", '
        'nodesep=0.35, ranksep=0.6, pad=0.2, style="rounded,filled", labeljust=l]',
        f'  node [fontname="{FONT}", fontcolor="{_INK}", fontsize=13, margin="0.16,0.1", penwidth=1.3]',
        f'  edge [fontname="{FONT}", fontcolor="{_INK}", fontsize=11, arrowsize=0.8]',
        *_content(picture, "", 1),
        *(f"  {_reach(picture, one)}" for one in picture.reaches),
        f"  label=<{''.join(_small(line) + _LINE_END for line in LEGEND)}>; labelloc=b",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _content(picture: Picture, group: str, depth: int) -> Iterator[str]:
    indent = "  " * depth
    groups, nodes = picture.inside(group)
    for node in nodes:
        look = _NODES[node.kind]
        yield (
            f"{indent}{_quoted(node.key)} [label=<{_label(node)}>, shape={look.shape}, "
            f'style="{look.style}", fillcolor="{look.fill}", color="{look.line}"]'
        )
    for one in groups:
        look = _GROUPS[one.kind]
        yield f"{indent}subgraph {_quoted(f'cluster {one.key}')} {{"
        yield f'{indent}  label=<{_title(one)}>; fillcolor="{look.fill}"; color="{look.line}"; margin=14'
        yield from _content(picture, one.key, depth + 1)
        yield f"{indent}}}"


def _label(node: Node) -> str:
    lines = [f"<B>{escape(node.title)}</B>", *(_small(detail) for detail in node.details if detail)]
    return "<BR/>".join(lines)


def _title(group: Group) -> str:
    details = ", ".join(group.details)
    return f"<B>{escape(group.title)}</B>" + (f"  {_small(details)}" if details else "")


def _small(text: str) -> str:
    return f'<FONT POINT-SIZE="10.5" COLOR="{_FAINT}">{escape(text)}</FONT>'


def _reach(picture: Picture, one: Reach) -> str:
    source, target = one.source, one.target
    look = dict(_REACHES[one.kind])
    # Volumes stand below whoever uses them, whichever way the data goes.
    if any(node.key == source and node.kind == "volume" for node in picture.nodes):
        source, target = target, source
        look["dir"] = "back"
    if one.label:
        look["label"] = one.label
    options = ", ".join(f"{name}={_quoted(value)}" for name, value in look.items())
    return f"{_quoted(source)} -> {_quoted(target)} [{options}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
