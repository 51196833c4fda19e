"""What one database of a dump has: its tables, where they lie, and what else its statements name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PART = rb'(?:"(?:[^"]|"")+"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*)'
_NAME = rb"(" + _PART + rb"(?:\." + _PART + rb")?)"
_TABLE = re.compile(rb"CREATE (?:UNLOGGED |GLOBAL |LOCAL )?TABLE (?:IF NOT EXISTS )?" + _NAME, re.IGNORECASE)
_EXTENSION = re.compile(
    rb"CREATE EXTENSION (?:IF NOT EXISTS )?(\"[^\"]+\"|[\w-]+)(?:\s+WITH)?(?:\s+SCHEMA\s+(" + _PART + rb"))?"
)
_CREATED = re.compile(
    rb"CREATE (?:OR REPLACE |UNLOGGED |FOREIGN |TRUSTED |PROCEDURAL |RECURSIVE |MATERIALIZED )*"
    rb"(?:TABLE|VIEW|SEQUENCE|FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|OPERATOR CLASS|OPERATOR FAMILY"
    rb"|OPERATOR|COLLATION|CONVERSION|STATISTICS|TEXT SEARCH \w+|LANGUAGE|ACCESS METHOD|FOREIGN DATA WRAPPER)"
    rb" (?:IF NOT EXISTS )?(?:" + _PART + rb"\.)?(" + _PART + rb"|[^\s\w(]+)"
)
_SCHEMA = re.compile(rb"CREATE SCHEMA (?:IF NOT EXISTS )?(" + _PART + rb")")
_FUNCTION = re.compile(rb"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) ")
_IDENTITY = re.compile(rb"SEQUENCE NAME (?:" + _PART + rb"\.)?(" + _PART + rb")")
_SEARCH_PATH = re.compile(
    rb"(?:SET search_path = |SELECT pg_catalog\.set_config\('search_path', ')\s*([^',;]*)"
)
_ROWS = re.compile(rb"(?:COPY|INSERT INTO) " + _NAME)
_COLUMNS = re.compile(rb"^\s+(" + _PART + rb") ", re.MULTILINE)
_LITERAL = re.compile(rb"'(?:[^']|'')*'|(\$\w*\$).*?\1", re.DOTALL)
_QUALIFIED = re.compile(rb"(" + _PART + rb")\.(" + _PART + rb")")
_OPERATOR = re.compile(rb"OPERATOR\((" + _PART + rb")\.([^\s)]+)\)")
_UNQUALIFIED = (
    re.compile(rb"^CREATE (?:UNIQUE )?INDEX .*? USING (\w+)"),
    re.compile(rb"EXCLUDE USING (\w+)"),
    re.compile(rb"\bLANGUAGE (" + _PART + rb")"),
    re.compile(rb"\bFOREIGN DATA WRAPPER (" + _PART + rb")"),
)
"""Access methods, languages and wrappers have no schema."""
_BUILT_IN = frozenset(
    ("btree", "hash", "gist", "gin", "spgist", "brin", "heap", "sql", "plpgsql", "c", "internal", "index")
)
_LARGEST = 1 << 20
"""Bytes of a statement that is looked at; what is larger has rows in it."""


@dataclass
class Section:
    """One database of a dump."""

    name: str = ""
    """Empty where the dump does not say it."""
    major: int = 0
    """Version of the server that it comes from; 0 where the dump does not say it."""
    tables: set[str] = field(default_factory=set)
    """Without their schemas."""
    extensions: list[str] = field(default_factory=list)
    is_complete: bool = False
    schemas: dict[str, set[str]] = field(default_factory=dict, compare=False)
    """Where each table lies, by its bare name; "" where no search path says it."""
    extension_schemas: dict[str, str] = field(default_factory=dict, compare=False)
    filled: set[str] = field(default_factory=set, compare=False)
    """Tables that rows are written to, without their schemas."""
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    """Each table's columns, by its bare name."""
    rows: dict[str, list[tuple[str, ...]]] = field(default_factory=dict, compare=False)
    """Rows of the tables that were asked for, with all columns in their order."""
    created: set[str] = field(default_factory=set, compare=False)
    """Names of all that the dump makes itself, without their schemas."""
    references: set[tuple[str, str]] = field(default_factory=set, compare=False)
    """Schema and name of what statements use; "" for what has no schema, such as an access method."""
    made_schemas: set[str] = field(default_factory=set, compare=False)
    in_code: set[str] = field(default_factory=set, compare=False)
    """Schemas that the text of functions names, which nobody changes with them."""
    search_path: str = field(default="", compare=False)

    def note(self, statement: bytes) -> None:
        """Take notice of a statement."""
        if path := _SEARCH_PATH.match(statement):
            self.search_path = unquoted(path[1].strip())
        elif extension := _EXTENSION.match(statement):
            name = unquoted(extension[1])
            self.extensions.append(name)
            self.extension_schemas[name] = unquoted(extension[2] or b"")
        elif filled := _ROWS.match(statement):
            self.filled.add(bare(filled[1]))
        elif made := _SCHEMA.match(statement):
            self.made_schemas.add(unquoted(made[1]))
        elif statement[:6] in (b"CREATE", b"ALTER ") and len(statement) < _LARGEST:
            self._note_definition(statement)

    def _note_definition(self, statement: bytes) -> None:
        if table := _TABLE.match(statement):
            schema, name = split(table[1])
            self.tables.add(name)
            self.schemas.setdefault(name, set()).add(schema or self.search_path)
            self.columns[name] = tuple(map(unquoted, _COLUMNS.findall(statement)))
        code = _LITERAL.sub(b"''", statement)
        if _FUNCTION.match(statement):
            for literal in _LITERAL.finditer(statement):
                self.in_code.update(unquoted(schema) for schema, _ in _QUALIFIED.findall(literal[0]))
        if made := _CREATED.match(code):
            self.created.add(unquoted(made[1]))
        self.created.update(map(unquoted, _IDENTITY.findall(code)))
        # These name indexes, which nothing that was looked at has made by name.
        if not code.startswith(b"ALTER INDEX"):
            for schema, name in (*_QUALIFIED.findall(code), *_OPERATOR.findall(code)):
                self.references.add((unquoted(schema), unquoted(name)))
        for pattern in _UNQUALIFIED:
            for found in pattern.findall(code):
                if found.decode(errors="replace").lower() not in _BUILT_IN:
                    self.references.add(("", unquoted(found)))


def unquoted(name: bytes) -> str:
    """A name as it is without the quotes that SQL may need."""
    text = name.decode(errors="replace")
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def split(name: bytes) -> tuple[str, str]:
    """The schema of a name, empty where it has none, and the rest."""
    found = _QUALIFIED.fullmatch(name)
    return (unquoted(found[1]), unquoted(found[2])) if found else ("", unquoted(name))


def bare(name: bytes) -> str:
    """A name without its schema."""
    return split(name)[1]
