"""The lines of a plain dump in UTF-8, however Windows has written them."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from typing import IO

from operations.import_error import DumpError

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OEM = ("cp437", "cp850", "cp852", "cp866", "cp1250", "cp1251", "cp1252")
"""Code pages in which PowerShell reads what a program writes, unless it is told otherwise."""
_OEM_OF_TWO_BYTES = ("cp932", "cp936", "cp949", "cp950")
_CONTROLS = re.compile("[\x80-\x9f\ufffd]")
"""No text has these; they stand where a code page has no letter."""


def encoding(head: bytes) -> str | None:
    """The name of the encoding of a text that is not simply bytes for `psql`."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    sample = head[:64]
    if len(sample) >= 8 and not any(sample[1::2]) and all(sample[0::2]):
        return "utf-16-le"
    if len(sample) >= 8 and not any(sample[0::2]) and all(sample[1::2]):
        return "utf-16-be"
    return None


def text(head: bytes) -> str:
    """The first bytes of a file as text, for looking at them only."""
    name = encoding(head)
    return head[: len(head) // 4 * 4].decode(name or "utf-8", errors="replace")


def lines(stream: IO[bytes], head: bytes, where: object) -> Iterator[bytes]:
    """Each line in UTF-8, ending with a line feed. `head` is how the stream begins, and still to be read.

    Raises `DumpError` where letters were lost on the way; it begins with `where`.
    """
    name = encoding(head)
    if name == "utf-8-sig":
        stream.read(len(codecs.BOM_UTF8))
        head = head[len(codecs.BOM_UTF8) :]
    elif name:
        yield from _decoded(stream, name, where)
        return
    # The first line tells: in rows pg_dump writes carriage returns otherwise.
    if head[: head.find(b"\n") + 1].endswith(b"\r\n"):
        for line in stream:
            yield _without_return(line)
    else:
        yield from stream


def _without_return(line: bytes) -> bytes:
    return line[:-2] + b"\n" if line.endswith(b"\r\n") else line


def _decoded(stream: IO[bytes], name: str, where: object) -> Iterator[bytes]:
    wrapped = io.TextIOWrapper(io.BufferedReader(_Raw(stream)), encoding=name, newline="\n")
    number = 0
    try:
        for number, line in enumerate(wrapped, start=1):
            if not line.isascii():
                _refuse_lost_letters(line, f"{where}, line {number}")
            yield _without_return(line.encode())
    except UnicodeError as error:
        raise DumpError(
            f"{where} is {name.upper()} that cannot be read after line {number}: make the dump again with"
            " pg_dump --file=FILE, or copy it again"
        ) from error


class _Raw(io.RawIOBase):
    """A stream that a wrapper may close without closing what it reads from."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _through(line: str) -> Callable[[str], bool]:
    """Whether a line is UTF-8 that was read in a code page."""

    def is_of(page: str) -> bool:
        try:
            was = line.encode(page).decode()
        except UnicodeError:
            return False
        # Single Chinese words are UTF-8 of something by chance.
        letters = [letter for letter in was if not letter.isascii()]
        return page in _OEM or (len(letters) >= 3 and min(letters) >= "\u0800")

    return is_of


def _refuse_lost_letters(line: str, where: str) -> None:
    """PowerShell's `>` takes UTF-8 for an old code page: what is written then looks well, and is wrong."""
    lost = _CONTROLS.search(line) is not None
    if lost or any(map(_through(line), (*_OEM, *_OEM_OF_TWO_BYTES))):
        raise DumpError(
            f"{where}: this went through PowerShell's `>`, which destroyed every letter that is not ASCII:"
            f" {line.strip()[:60]!r}. Make the dump again with pg_dump --file=FILE instead of `>`"
        )
