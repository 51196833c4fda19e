"""A stack's resources as a tree, as its state has them."""

from __future__ import annotations

import json
from collections.abc import Iterator


def resource_tree(state: str) -> list[str]:
    """One line for each resource, indented under its parent; providers of plugins are left out."""
    resources = json.loads(state)["checkpoint"]["latest"]["resources"]
    children: dict[str, list[dict[str, str]]] = {}
    for resource in resources:
        if not resource["type"].startswith("pulumi:providers:"):
            children.setdefault(resource.get("parent", ""), []).append(resource)
    return list(_lines("", children, 0))


def _lines(parent: str, children: dict[str, list[dict[str, str]]], depth: int) -> Iterator[str]:
    for resource in sorted(children.get(parent, []), key=lambda found: (found["type"], found["urn"])):
        name = resource["urn"].rsplit("::", 1)[-1]
        lock = " (protected)" if resource.get("protect") else ""
        yield f"{'  ' * depth}{_short(resource['type'])} {name}{lock}"
        yield from _lines(resource["urn"], children, depth + 1)


def _short(token: str) -> str:
    package, _, name = token.rpartition(":")
    return f"{package.split(':', 1)[0]}:{name}"
