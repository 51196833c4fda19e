"""`make outdated` as one screen of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from operations.outdated_facts import ImageFact, OutdatedFacts

WIDTH = 100
"""Columns; only an address may be longer, so that it can be copied."""
_RED, _GREEN, _BOLD, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
_HEAD = ("image", "runs", "newer", "next line", "newest")


def screen(facts: OutdatedFacts, *, colour: bool) -> str:
    """All lines. What has a newer version in its line has `!` in front, and is repeated with what to do."""
    return "\n".join(_coloured(line, colour) for line in _lines(facts)) + "\n"


def _coloured(line: str, colour: bool) -> str:
    if not colour:
        return line
    if line.startswith("!"):
        return f"{_RED}{line}{_PLAIN}"
    if line.endswith("is up to date"):
        return f"{_GREEN}{line}{_PLAIN}"
    return f"{_BOLD}{line}{_PLAIN}" if line and not line.startswith(" ") else line


def _lines(facts: OutdatedFacts) -> Iterator[str]:
    if facts.could_not_look:
        yield f"{facts.stack}: could not look: {facts.could_not_look.what}"
        return
    yield f"{facts.stack}, {facts.time:%Y-%m-%d %H:%M} UTC: {_verdict(facts)}"
    yield ""
    yield from _table(facts)
    notes = [line for image in facts.images for line in _notes(image)]
    if facts.undeployed:
        notes = [
            *_wrapped("  the versions are those of the settings: ", facts.undeployed, more="    "),
            *notes,
        ]
    if notes:
        yield from ("", "Notes", *notes)
    if any(image.next_line for image in facts.images):
        yield ""
        yield "Release notes of later lines"
        yield from (line for image in facts.images for line in _addresses(image))
    yield ""
    if not facts.attention:
        yield f"{facts.stack}: {_verdict(facts)}"
        return
    yield "Needs attention"
    for number, attention in enumerate(facts.attention, start=1):
        yield from _wrapped(f"! {number:>2}. ", attention.what)
        yield from _wrapped("       ", f"do: {attention.do}", more="           ")


def _verdict(facts: OutdatedFacts) -> str:
    count = sum(image.newer is not None for image in facts.images)
    unknown = sum(image.problem is not None for image in facts.images)
    said = []
    if count:
        said.append(f"{count} {'images have' if count > 1 else 'image has'} a newer version")
    if unknown:
        said.append(f"{unknown} could not be looked up")
    return ", ".join(said) or "every image is up to date"


def _table(facts: OutdatedFacts) -> Iterator[str]:
    head = (_HEAD[0], "settings", *_HEAD[2:]) if facts.undeployed else _HEAD
    rows: list[Sequence[str]] = [head, *map(_cells, facts.images)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    marks = [" ", *("!" if image.attention or image.problem else " " for image in facts.images)]
    for mark, row in zip(marks, rows, strict=True):
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"{mark} {cells}".rstrip()


def _cells(image: ImageFact) -> Sequence[str]:
    later = (image.newer, image.next_line, image.newest)
    unknown = "?" if image.problem else "-"
    return (image.image, image.tag or "digest", *(version.tag if version else unknown for version in later))


def _notes(image: ImageFact) -> Iterator[str]:
    name = f"{image.image}:{image.tag}" if image.tag else image.image
    if image.problem:
        yield from _wrapped(f"! {name}: ", image.problem, more="    ")
    if image.note:
        yield from _wrapped(f"  {name}: ", image.note, more="    ")
    if image.planned:
        yield from _wrapped(f"  {name}: ", f"the settings say {image.planned}", more="    ")


def _addresses(image: ImageFact) -> Iterator[str]:
    for version in (image.next_line, image.newest):
        if version:
            yield f"  {image.image} {version.tag}: {version.release_notes}"


def _wrapped(first: str, text: str, more: str | None = None) -> Iterator[str]:
    """Lines of a text; an address stays whole."""
    rest = " " * len(first) if more is None else more
    yield from textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
