"""SPF texts: reading, merging, counting. Pure; the rules are those of RFC 7208."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MOST_LOOKUPS = 10
"""A text that needs more look-ups counts as broken, and with it every mail (section 4.6.4)."""
_LOOKS_UP = {"include", "a", "mx", "ptr", "exists", "redirect"}


def is_spf(text: str) -> bool:
    """Whether a TXT value is an SPF text (section 4.5)."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def merged(existing: str | None, includes: Iterable[str]) -> str:
    """One SPF text that allows what the existing one does and what these names do.

    The includes come before what decides about all the rest, so that they are looked at.
    """
    terms = existing.split() if existing else ["v=spf1", "~all"]
    there = {term.lower() for term in terms}
    new = [f"include:{name}" for name in dict.fromkeys(includes) if f"include:{name}" not in there]
    end = next((at for at, term in enumerate(terms) if _mechanism(term) in {"all", "redirect"}), len(terms))
    return " ".join((*terms[:end], *new, *terms[end:]))


def included(text: str) -> tuple[str, ...]:
    """The names that a text includes, and the one that it redirects to."""
    values = [
        term.lower().lstrip("+-~?").replace("=", ":", 1).partition(":")[2]
        for term in text.split()[1:]
        if _mechanism(term) in {"include", "redirect"}
    ]
    return tuple(values)


def lookups(text: str) -> int:
    """How many look-ups the text itself asks for; those of what it includes come on top."""
    return sum(_mechanism(term) in _LOOKS_UP for term in text.split()[1:])


def problem(text: str) -> str | None:
    """What an SPF text lacks; None where nothing."""
    if not is_spf(text):
        return "an SPF text, which begins with v=spf1"
    if text.lower().split().count("v=spf1") > 1:
        return "one SPF text: two of them count as none, so put their parts into one"
    if lookups(text) > MOST_LOOKUPS:
        return f"at most {MOST_LOOKUPS} terms that are looked up (include, a, mx, ptr, exists, redirect)"
    return None


def spf_texts(values: Sequence[str]) -> list[str]:
    """Those of some TXT values that are SPF texts."""
    return [value for value in values if is_spf(value)]


def _mechanism(term: str) -> str:
    name = term.lower().lstrip("+-~?")
    for end in ":=/":
        name = name.partition(end)[0]
    return name
