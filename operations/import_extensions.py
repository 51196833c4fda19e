"""Extensions that the old server had and the new one lacks: which of them the data needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from operations.import_error import DumpError
from operations.import_section import Section

_OBJECTS: Mapping[str, str] = {
    "bloom": r"bloom",
    "citext": r"citext",
    "cube": r"(gist_)?cube(_\w+)?",
    "earthdistance": r"earth(_\w+)?|ll_to_earth",
    "fuzzystrmatch": r"soundex|levenshtein\w*|d?metaphone\w*|daitch_mokotoff",
    "hstore": r"\w*hstore\w*",
    "intarray": r"gi(st|n)__int\w*|intset|query_int",
    "ltree": r"l(tx)?query|ltree|gist__?ltree_ops",
    "pg_bigm": r"gin_bigm_ops|bigm_\w+",
    "pg_trgm": r"(gin|gist)_trgm_ops|(strict_)?(word_)?similarity\w*|show_trgm|gtrgm",
    "pgcrypto": r"gen_random_\w+|crypt|gen_salt|digest|hmac|(en|de)crypt(_iv)?|armor|dearmor|pgp_\w+",
    "pgroonga": r"pgroonga\w*",
    "pg_stat_statements": r"pg_stat_statements\w*",
    "postgis": r"geometry(_dump)?|geography|box[23]d\w*|spheroid|st_\w+|gist_geo\w+|spatial_ref_sys|raster",
    "rum": r"rum(_\w+)?",
    "tablefunc": r"crosstab\w*|connectby|normal_rand|tablefunc_\w+",
    "unaccent": r"unaccent\w*",
    "uuid-ossp": r"uuid_(generate|ns)_\w+|uuid_nil",
    "vector": r"vector\w*|halfvec\w*|sparsevec\w*|hnsw|ivfflat",
}
"""What statements use of an extension, by name: a dump does not say what belongs to which one."""
_SHARED = ("public", "pg_catalog", "")


def refuse_used(section: Section, lacking: Collection[str], app: str) -> None:
    """Raises `DumpError` where the data needs an extension that the server lacks."""
    named = {name: use for name in lacking if (use := _use(section, name, lacking))}
    if named:
        uses = "; ".join(f"{name}, of which the dump uses {use}" for name, use in named.items())
        raise DumpError(
            f"the dump needs extensions of PostgreSQL that the image of {app}'s server lacks: {uses}."
            f" {app} does not need them: take what uses them out of the old database (DROP EXTENSION"
            f" {next(iter(named))} names it), and dump again; nothing was changed"
        )


def _use(section: Section, name: str, lacking: Collection[str]) -> str:
    """Something of the extension that statements use; empty where they use nothing."""
    schema = section.extension_schemas.get(name, "")
    unknown = sorted(_unknown(section))
    known = _OBJECTS.get(name)
    for where, what in unknown:
        shown = f"{where}.{what}" if where else what
        if what == name or (known and re.fullmatch(known, what, re.IGNORECASE)):
            return shown
        if schema not in _SHARED and where == schema:
            return shown
    if known or schema not in ("public", ""):
        # Of what is in pg_catalog nobody can say here what PostgreSQL has itself.
        return ""
    # What nobody else of the dump's extensions is known to have, is this one's.
    others = [other for other in section.extensions if other not in lacking]
    if any(other not in _OBJECTS for other in others if section.extension_schemas.get(other, "") in _SHARED):
        return ""
    left = [
        f"{where}.{what}"
        for where, what in unknown
        if where == "public" and not _is_of_known(what, section.extensions)
    ]
    return left[0] if left else ""


def _unknown(section: Section) -> set[tuple[str, str]]:
    """What statements use and the dump does not make."""
    schemas = {schema for found in section.schemas.values() for schema in found}
    schemas |= {"public", *section.extension_schemas.values()}
    return {
        (schema, name)
        for schema, name in section.references
        if name not in section.created and (not schema or schema in schemas)
    }


def _is_of_known(name: str, extensions: Sequence[str]) -> bool:
    return any(
        extension in _OBJECTS and re.fullmatch(_OBJECTS[extension], name, re.IGNORECASE)
        for extension in extensions
    )
