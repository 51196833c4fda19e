"""What of a dump is not loaded: it needs rights, roles or services that only the old server has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

REMOVALS = "removals of what is not there"
OF_EXTENSIONS = "rows of extensions' own tables"

_NAME = r'(?:"[^"]*"|[^\s"])+ '
_TABLE = f"(?:IF EXISTS )?(?:ONLY )?{_NAME}"
_LEFT_OUT: Sequence[tuple[str, re.Pattern[bytes]]] = tuple(
    (what, re.compile(pattern.encode()))
    for what, pattern in (
        ("owners", r"(ALTER .* OWNER TO [^;]+;\s*$|REASSIGN OWNED\b)"),
        ("permissions", r"(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b"),
        (
            "roles",
            r"((CREATE|ALTER|DROP|COMMENT ON) (ROLE|USER|GROUP|USER MAPPING)|SET ROLE"
            r"|(RE)?SET SESSION AUTHORIZATION)\b",
        ),
        ("databases", r"((CREATE|ALTER|DROP|COMMENT ON) DATABASE)\b"),
        ("security labels", r"SECURITY LABEL\b"),
        (
            "tablespaces",
            r"((CREATE|ALTER|DROP|COMMENT ON) TABLESPACE|SET default_tablespace = '?\w"
            rf"|ALTER (TABLE|INDEX|MATERIALIZED VIEW) {_TABLE}SET TABLESPACE )",
        ),
        (
            "the schema public, which is there",
            r"(CREATE SCHEMA|COMMENT ON SCHEMA) (IF NOT EXISTS )?\"?public\b",
        ),
        ("replication", r"(CREATE|ALTER|DROP|COMMENT ON) (PUBLICATION|SUBSCRIPTION)\b"),
        ("event triggers", r"(CREATE|ALTER|DROP|COMMENT ON) EVENT TRIGGER\b"),
        (
            "row security",
            r"((CREATE|ALTER|DROP|COMMENT ON) POLICY\b"
            rf"|ALTER TABLE {_TABLE}(ENABLE|DISABLE|FORCE|NO FORCE) ROW LEVEL SECURITY)",
        ),
        (REMOVALS, r"DROP "),
        ("comments on extensions", r"COMMENT ON EXTENSION\b"),
        ("settings of a newer PostgreSQL", r"SET transaction_timeout\b"),
        (
            "ways to store tables that only the old server has",
            r"SET default_table_access_method = (?!'?\"?heap\b)",
        ),
    )
)
_REMOVES = re.compile(
    rf"(DROP |ALTER (TABLE|DOMAIN|INDEX|VIEW|FOREIGN TABLE) {_TABLE}"
    rf"(DROP |DETACH PARTITION |ALTER (COLUMN )?{_NAME}DROP ))".encode()
)
_ENDS_REMOVALS = re.compile(rb"(CREATE (?!OR REPLACE (RECURSIVE )?VIEW )|COPY |INSERT INTO )")
_STAYS = re.compile(rb"(SET |SELECT pg_catalog\.set_config\()")
_HEADING = re.compile(rb"-- (Data for )?Name: ")

ENTRIES: Mapping[str, str] = {
    "ACL": "permissions",
    "DEFAULT ACL": "permissions",
    "DATABASE": "databases",
    "DATABASE PROPERTIES": "databases",
    "SECURITY LABEL": "security labels",
    "PUBLICATION": "replication",
    "PUBLICATION TABLE": "replication",
    "PUBLICATION TABLES IN SCHEMA": "replication",
    "SUBSCRIPTION": "replication",
    "SUBSCRIPTION TABLE": "replication",
    "EVENT TRIGGER": "event triggers",
    "POLICY": "row security",
    "ROW SECURITY": "row security",
    "USER MAPPING": "roles",
}
"""Kinds of entries of an archive that are not loaded, and what they are called."""


def summary(statement: bytes) -> bytes:
    """A statement on one line, as far as what is left out shows. A table's rows are not looked at."""
    return b" ".join(statement.split()) if len(statement) < 4096 else statement[:200]


def reason(statement: bytes) -> str | None:
    """What is left out with this statement, or nothing where it is loaded."""
    if statement.startswith((b"INSERT INTO ", b"COPY ")):
        # Most statements are of these, where a dump has no other rows.
        return None
    start = summary(statement)
    return next((what for what, pattern in _LEFT_OUT if pattern.match(start)), None)


class Removals:
    """Where a plain dump takes away what is there: pg_dump --clean does so before all else, in many ways."""

    def __init__(self) -> None:
        self._is_over = False
        self._began = False

    def comment(self, line: bytes) -> None:
        """A comment on a line of its own."""
        if _HEADING.match(line):
            self._is_over = True

    def takes(self, statement: bytes) -> bool:
        """Whether a statement is one of them."""
        if self._is_over:
            return False
        start = summary(statement)
        if _ENDS_REMOVALS.match(start) and not start.startswith((b"CREATE DATABASE ", b"CREATE ROLE ")):
            self._is_over = True
            return False
        self._began = self._began or _REMOVES.match(start) is not None
        return self._began and not _STAYS.match(start)
