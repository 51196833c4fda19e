"""Writes the tables of docs/settings.md from the models that check a stack's settings.

What is above the mark in the file is written by hand and kept. `make settings-reference` runs this.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import UnionType
from typing import Annotated, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from components.apps.metrics import MetricsSettings
from components.backup.settings import BackupSettings
from components.dns.settings import DnsSettings
from components.domain import Settings
from components.edge.settings import EdgeSettings
from components.host.machine_types import MACHINE_TYPES
from components.host.settings import HostSettings
from components.logs import LogSettings
from components.mail import Mail
from components.monitoring_settings import MonitoringSettings
from stacks.settings import AppSettings
from tools.attribute_docstrings import attribute_docstrings
from tools.setting_types import Words, domain_types

Model: TypeAlias = type[Settings]

FILE = Path(__file__).parent.parent / "docs" / "settings.md"
MARK = "<!-- From here on written by `make settings-reference`; change the models' docstrings instead. -->\n"

PARTS: dict[str, object] = {
    "host": HostSettings,
    "dns": DnsSettings,
    "edge": EdgeSettings,
    "mail": Mail,
    "apps": list[AppSettings],
    "backup": BackupSettings,
    "monitoring": MonitoringSettings,
    "metrics": MetricsSettings,
    "logs": LogSettings,
}
"""The keys of a stack file in the namespace `homeport:` that are no secrets, and what each holds."""


@dataclass(frozen=True)
class Section:
    """One model and where its keys stand in a stack file: `host.ssh`, `apps[].storage`."""

    path: str
    model: Model
    around: str = ""
    """The kind of the settings that it is a part of, where they have one."""
    shared: bool = False
    """Whether another model has the same path, in settings of another kind."""

    @property
    def kind(self) -> str | None:
        """What `kind` must say for this model to be the one, where there is a choice."""
        field = self.model.model_fields.get("kind")
        return None if field is None else str(get_args(field.annotation)[0])

    @property
    def title(self) -> str:
        """The heading, unique in the page."""
        title = f"{self.path} of kind {self.kind}" if self.kind else self.path
        return f"{title} with {self.around}" if self.shared else title


def sections() -> list[Section]:
    """Every model that the parts are made of, each after the one that mentions it."""
    found: dict[tuple[str, Model], Section] = {}
    for name, part in PARTS.items():
        for section in _sections(name, part):
            found.setdefault((section.path, section.model), section)
    titles = Counter(section.title for section in found.values())
    return [replace(section, shared=titles[section.title] > 1) for section in found.values()]


def _sections(path: str, annotation: object, around: str = "") -> Iterator[Section]:
    origin = get_origin(annotation)
    if origin is list:
        yield from _sections(f"{path}[]", get_args(annotation)[0], around)
    elif origin is Annotated:
        yield from _sections(path, get_args(annotation)[0], around)
    elif origin in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _sections(path, member, around)
    elif isinstance(annotation, type) and issubclass(annotation, Settings):
        section = Section(path, annotation, around)
        yield section
        hints = get_type_hints(annotation, include_extras=True)
        for name, field in annotation.model_fields.items():
            yield from _sections(f"{path}.{field.alias}", hints[name], section.kind or around)


def reference() -> str:
    """The generated part of the page: shared types, machine types, a table for every model."""
    found = sections()
    words = Words(domain_types(), {section.model: section.title for section in found})
    blocks: list[str] = []
    written = ""
    for section in found:
        part = section.path.split(".")[0].removesuffix("[]")
        if part != written:
            blocks.append(f"## homeport:{part}")
            written = part
        blocks += [f"### {section.title}", _introduction(section), _table(section, words)]
    blocks.append("## Types")
    for shared in words.domain:
        if any(shared.link in block for block in blocks):
            blocks += [f"### {shared.name}", " ".join(shared.meaning.split())]
    blocks += ["### Machine types", _machine_types()]
    return "\n\n".join(blocks) + "\n"


def page(current: str) -> str:
    """The whole page: what is written by hand in the current one, the mark, and the reference.

    Raises `ValueError` where the mark is missing.
    """
    if MARK not in current:
        raise ValueError(f"{FILE.name} lacks the line that ends what is written by hand: {MARK}")
    by_hand = current.split(MARK, maxsplit=1)[0]
    return f"{by_hand}{MARK}\n{reference()}"


def _machine_types() -> str:
    rows = "".join(f"\n| `{name}` | {memory} |" for name, memory in MACHINE_TYPES.items())
    return f"| type | MiB of RAM |\n|---|---|{rows}"


def _introduction(section: Section) -> str:
    return " ".join((section.model.__doc__ or "").split())


def _table(section: Section, words: Words) -> str:
    hints = get_type_hints(section.model, include_extras=True)
    rows = []
    # What says which table applies comes first, wherever the model declares it.
    fields = sorted(section.model.model_fields.items(), key=lambda item: item[0] != "kind")
    for name, field in fields:
        cells = (
            f"`{field.alias}`",
            words.of(hints[name], field.metadata),
            _default(name, field),
            _meaning(name, field, section),
        )
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(("| key | type | default | meaning |", "|---|---|---|---|", *rows))


def _default(name: str, field: FieldInfo) -> str:
    value: object = field.default
    # A choice is told by its kind, so the file has to say it even where the model knows it.
    if field.is_required() or _is_kind(name, field):
        return "required"
    if isinstance(value, Settings):
        kind = getattr(value, "kind", None)
        return f"`kind: {kind}`" if kind else "all defaults"
    if value is None or value in ([], {}):
        return "none"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _is_kind(name: str, field: FieldInfo) -> bool:
    return name == "kind" and get_origin(field.annotation) is Literal


def _meaning(name: str, field: FieldInfo, section: Section) -> str:
    if _is_kind(name, field):
        return "Says which kind of settings these are."
    text = attribute_docstrings(section.model).get(name)
    if not text:
        raise ValueError(f"{section.model.__name__}.{name} has no docstring to say what it is for")
    return " ".join(text.split())


def main() -> int:
    """Write the page anew."""
    FILE.write_text(page(FILE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
