"""What one run of a deployment's program asked the engine for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.unit.deployment.value import Value, at, revealed


@dataclass(frozen=True)
class Resource:
    """One resource as it was registered, with its options."""

    urn: str
    type: str
    name: str
    parent: str
    """URN; empty for the stack itself."""
    custom: bool
    """Whether a provider holds it; a component is only a name."""
    inputs: dict[str, Value]
    provider: str
    """Name of the provider that was named for it; empty where it gets its package's default one."""
    protect: bool
    retain_on_delete: bool
    """Whether what it stands for stays when it goes."""
    delete_before_replace: bool
    ignore_changes: tuple[str, ...]
    secret_outputs: tuple[str, ...]
    depends_on: frozenset[str]
    """URNs of all that must exist first, be it said or seen from the inputs."""
    uses: frozenset[str]
    """URNs of those whose outputs are among the inputs."""
    before_create: tuple[str, ...]
    """Hooks that the engine runs just before its creation."""
    before_update: tuple[str, ...]
    """Hooks that it runs just before a change in place."""
    on_error: tuple[str, ...]
    """Hooks that it runs when one of these failed."""

    def at(self, *path: str | int) -> Value:
        """The input at the path; see `value.at`."""
        return at(self.inputs, path)

    def text(self, *path: str | int) -> str:
        """The text at the path, be it secret or not."""
        found = revealed(self.at(*path))
        assert isinstance(found, str), f"{self.name}: {path} is no text but {found!r}"
        return found

    def texts(self, *path: str | int) -> list[str]:
        """The list of texts at the path; empty where there is none."""
        return [element for element in self._list(path) if isinstance(element, str)]

    def rows(self, *path: str | int) -> list[dict[str, Value]]:
        """The list of objects at the path; empty where there is none."""
        return [element for element in self._list(path) if isinstance(element, dict)]

    def _list(self, path: tuple[str | int, ...]) -> list[Value]:
        if path[0] not in self.inputs:
            return []
        found = revealed(self.at(*path))
        assert isinstance(found, list), f"{self.name}: {path} is no list but {found!r}"
        return found

    @property
    def markers(self) -> str:
        """Its options for the tree."""
        marks = []
        if self.protect:
            marks.append("[protect]")
        if self.retain_on_delete:
            marks.append("[retainOnDelete]")
        if self.delete_before_replace:
            marks.append("[deleteBeforeReplace]")
        if self.ignore_changes:
            marks.append(f"[ignoreChanges {', '.join(sorted(self.ignore_changes))}]")
        after = sorted(_name(urn) for urn in self.depends_on - self.uses)
        if after:
            marks.append(f"[after {', '.join(after)}]")
        return "".join(f" {mark}" for mark in marks)


@dataclass(frozen=True)
class Invocation:
    """A function of a provider that was called, such as a look-up."""

    token: str
    arguments: dict[str, Value]


@dataclass(frozen=True)
class Recording:
    """One run: its resources, the functions it called, and the stack's outputs."""

    resources: Sequence[Resource]
    invocations: Sequence[Invocation]
    outputs: dict[str, Value]

    def all(self, type_: str) -> list[Resource]:
        """Every resource of a type such as `docker:Container`, by name."""
        return sorted((r for r in self.resources if short(r.type) == type_), key=lambda r: r.name)

    def names(self, type_: str) -> list[str]:
        """Names of all resources of a type."""
        return [resource.name for resource in self.all(type_)]

    def one(self, type_: str, name: str | None = None) -> Resource:
        """The only resource of that type, or that type and name."""
        found = [resource for resource in self.all(type_) if name in (None, resource.name)]
        assert len(found) == 1, f"not one but {len(found)} {type_} {name or ''} among {self.names(type_)}"
        return found[0]

    def call(self, token: str) -> Invocation:
        """The one call of a provider's function."""
        (found,) = (invocation for invocation in self.invocations if invocation.token == token)
        return found

    def starting(self, type_: str, prefix: str) -> Resource:
        """The only resource of that type whose name starts so: a stateless container's ends in a hash."""
        found = [resource for resource in self.all(type_) if resource.name.startswith(prefix)]
        assert len(found) == 1, f"not one but {len(found)} {type_} {prefix}... among {self.names(type_)}"
        return found[0]

    def inside(self, component: Resource) -> Iterator[Resource]:
        """Everything below a component, at any depth."""
        for resource in self.resources:
            if resource.parent == component.urn:
                yield resource
                yield from self.inside(resource)

    def before(self, resource: Resource) -> set[str]:
        """Names of all that must exist before it, directly or through others."""
        by_urn = {known.urn: known for known in self.resources}
        seen: set[str] = set()
        waiting = list(resource.depends_on)
        while waiting:
            urn = waiting.pop()
            if urn not in seen:
                seen.add(urn)
                waiting.extend(by_urn[urn].depends_on)
        return {by_urn[urn].name for urn in seen}

    def tree(self) -> str:
        """All resources, each below its parent, as `type name` and its options."""
        children: defaultdict[str, list[Resource]] = defaultdict(list)
        for resource in self.resources:
            children[resource.parent].append(resource)

        def lines(parent: str, depth: int) -> Iterator[str]:
            for child in sorted(children[parent], key=lambda resource: (resource.type, resource.name)):
                yield f"{'  ' * depth}{short(child.type)} {child.name}{child.markers}\n"
                yield from lines(child.urn, depth + 1)

        return "".join(lines("", 0))


def short(type_: str) -> str:
    """A type as Pulumi shows it: `gcp:compute/instance:Instance` is `gcp:compute:Instance`."""
    package, module, kind = type_.split(":")
    module = module.split("/", 1)[0]
    return f"{package}:{kind}" if module == "index" else f"{package}:{module}:{kind}"


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]
