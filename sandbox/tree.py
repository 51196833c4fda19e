"""A stack's resources as a tree, as its state has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sandbox.state import Resource


def resource_tree(resources: Iterable[Resource]) -> list[str]:
    """One line for each resource, indented under its parent; providers of plugins are left out."""
    children: dict[str, list[Resource]] = {}
    for resource in resources:
        if not resource.type.startswith("pulumi:providers:"):
            children.setdefault(resource.parent, []).append(resource)
    return list(_lines("", children, 0))


def _lines(parent: str, children: dict[str, list[Resource]], depth: int) -> Iterator[str]:
    for resource in sorted(children.get(parent, []), key=lambda found: (found.type, found.urn)):
        name = resource.urn.rsplit("::", 1)[-1]
        lock = " (protected)" if resource.protect else ""
        yield f"{'  ' * depth}{_short(resource.type)} {name}{lock}"
        yield from _lines(resource.urn, children, depth + 1)


def _short(token: str) -> str:
    package, _, name = token.rpartition(":")
    return f"{package.split(':', 1)[0]}:{name}"
