"""Names in PostgreSQL: of an app's database and of the user that it logs in as."""

from __future__ import annotations

_KEY_WORDS = """
all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
collation column concurrently constraint create cross current_catalog current_date current_role
current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
only or order outer overlaps placing primary references returning right select session_user similar some
symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when
where window with
"""
"""What no name can be without quotes (PostgreSQL's documentation, appendix C)."""
_RESERVED = frozenset((*_KEY_WORDS.split(), "none", "public", "template0", "template1"))
"""Beside them roles that cannot be made, and databases that each server has."""


def database_name(app: str) -> str:
    """What the database of an app of this name is called, and its user."""
    return app.replace("-", "_")


def is_reserved(name: str) -> bool:
    """Whether PostgreSQL takes no database or user of this name."""
    return name in _RESERVED or name.startswith("pg_")
