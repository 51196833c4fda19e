"""What `make drift` found, for a person: as text, or as Markdown for an issue."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import JsonValue

from operations.drift_facts import DifferenceFact, DriftedFact, DriftFacts, differing
from operations.screen_text import wrapped

_LONGEST = 160
"""Characters of a value; scripts and certificates are values too."""
_MARKUP = frozenset("&<>|`*_[]@#~!\\")
_HEADS = {
    "changed": "was changed",
    "gone": "is gone",
    "remade": "was made anew by somebody else",
}


def screen(facts: DriftFacts) -> str:
    """As text."""
    return "\n".join(_screen(facts)) + "\n"


def markdown(facts: DriftFacts) -> str:
    """As Markdown."""
    return "\n".join(_markdown(facts)) + "\n"


def verdict(facts: DriftFacts) -> str:
    """In one sentence."""
    if facts.could_not_look:
        return f"{facts.stack}: could not look: {facts.could_not_look.what}"
    count = len(facts.drifted) + facts.unnamed
    if not count:
        return f"{facts.stack}: no drift; {facts.looked_at} resources are as the state says"
    return f"{facts.stack}: {differing(count)}, of {facts.looked_at} looked at"


def _screen(facts: DriftFacts) -> Iterator[str]:
    for each in facts.drifted:
        yield f"{each.name} ({each.kind}) {_HEADS[each.change]}"
        for difference in each.differences:
            yield f"    {difference.path}: {_shown(difference.was)} -> {_shown(difference.found)}"
        yield from _wrapped("    pulumi up --refresh ", each.up)
        yield from _wrapped("    pulumi refresh ", each.refresh)
        yield ""
    yield from (line for text in _notes(facts) for line in _wrapped("", text))
    yield verdict(facts)
    if facts.could_not_look:
        yield from _wrapped("do: ", facts.could_not_look.do)


def _markdown(facts: DriftFacts) -> Iterator[str]:
    yield f"**{_escaped(verdict(facts))}** ({facts.time:%Y-%m-%d %H:%M} UTC)"
    if facts.could_not_look:
        yield from ("", _escaped(facts.could_not_look.do))
    for each in facts.drifted:
        yield from ("", *_section(each))
    for text in _notes(facts):
        yield from ("", _escaped(text))
    if facts.drifted or facts.unnamed:
        yield from ("", f"To see it again: `make drift STACK={facts.stack}`.")


def _section(fact: DriftedFact) -> Iterator[str]:
    yield f"### {_escaped(fact.name)} ({fact.kind}) {_HEADS[fact.change]}"
    yield ""
    if fact.differences:
        yield from ("| property | in the state | found |", "|---|---|---|")
        yield from map(_row, fact.differences)
        yield ""
    yield f"- `pulumi up --refresh` {_escaped(fact.up)}"
    yield f"- `pulumi refresh` {_escaped(fact.refresh)}"


def _row(difference: DifferenceFact) -> str:
    cells = (difference.path, _shown(difference.was), _shown(difference.found))
    return f"| {' | '.join(map(_code, cells))} |"


def _notes(facts: DriftFacts) -> Iterator[str]:
    if facts.unnamed:
        yield (
            f"{facts.unnamed} more differ in a way that the engine only counts:"
            f" pulumi refresh --preview-only --diff -s {facts.stack} says more."
        )
    if facts.skipped:
        yield f"Not looked at: {facts.skipped.what}; {facts.skipped.why}."


def _shown(value: JsonValue) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = (
        value if isinstance(value, str) and value.startswith("[") else json.dumps(value, ensure_ascii=False)
    )
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def _code(text: str) -> str:
    """A cell of code: neither a bar nor a backtick ends it."""
    return f"<code>{_escaped(text)}</code>"


def _escaped(text: str) -> str:
    """Text that stays text: what was found in the world may be written by somebody else."""
    safe = "".join(f"&#{ord(each)};" if each in _MARKUP else each for each in text)
    return " ".join(safe.split())


def _wrapped(first: str, text: str) -> Iterator[str]:
    rest = " " * (len(first) - len(first.lstrip()) + (4 if first else 0))
    yield from wrapped(first, text, rest, whole_words=True)
