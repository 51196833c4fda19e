"""A picture as SVG, with a mark of what it was drawn from.

Graphviz measures text with the fonts of the machine, so the same picture is not the same file everywhere. The
mark is: whether a file shows what the program gives now can be said anywhere, without Graphviz.
"""

from __future__ import annotations

import hashlib

from diagram.dot import dot
from diagram.graph import Picture
from tools.graphviz import drawn


def svg(picture: Picture) -> str:
    """The picture's SVG. Raises `tools.progress.SetupError` where Graphviz is not to be had."""
    text = drawn(dot(picture))
    start, opening, rest = text.partition("<svg")
    return f"{start}{mark(picture)}\n{opening}{rest}"


def mark(picture: Picture) -> str:
    """The comment that says what a file was drawn from."""
    return f"<!-- Drawn by `make diagrams` from {hashlib.sha256(dot(picture).encode()).hexdigest()} -->"
