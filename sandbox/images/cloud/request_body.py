"""Bodies of requests: chunked or of a known length, and the two parts of an upload."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import Message
from typing import BinaryIO, Protocol

_BLOCK = 1 << 20
_LONGEST_HEAD = 1 << 20


class Stream(Protocol):
    """What a request comes from."""

    def read(self, size: int, /) -> bytes: ...

    def readline(self) -> bytes: ...


class BadBody(Exception):
    """The body is not what its headers say."""


def blocks(headers: Message, stream: Stream) -> Iterator[bytes]:
    """The body in pieces."""
    if "chunked" in str(headers.get("Transfer-Encoding", "")).lower():
        while size := int(stream.readline().split(b";")[0], 16):
            yield from _exactly(stream, size)
            stream.readline()
        while stream.readline().strip():
            pass
    else:
        yield from _exactly(stream, int(headers.get("Content-Length") or 0))


def _exactly(stream: Stream, size: int) -> Iterator[bytes]:
    while size:
        block = stream.read(min(size, _BLOCK))
        if not block:
            raise BadBody("the body ends early")
        size -= len(block)
        yield block


def split_upload(file: BinaryIO, boundary: str) -> tuple[dict[str, object], str]:
    """Of a multipart/related body, the first part's JSON and the second's type.

    The file is cut to what the second part holds, and stands at its beginning.
    """
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(_LONGEST_HEAD)
    mark = b"--" + boundary.encode()
    try:
        first, rest = head.split(mark + b"\r\n", 2)[1:]
        described = first.split(b"\r\n\r\n", 1)[1]
        headers, _ = rest.split(b"\r\n\r\n", 1)
    except (IndexError, ValueError):
        raise BadBody("the body does not have two parts") from None
    start = len(head) - len(rest) + len(headers) + 4
    tail = b"\r\n" + mark + b"--"
    file.seek(max(start, size - len(tail) - 64))
    at = file.tell()
    found = file.read().rfind(tail)
    if found < 0:
        raise BadBody("the body has no end")
    file.truncate(at + found)
    file.seek(start)
    content_type = next(
        (
            line.split(b":", 1)[1].strip().decode()
            for line in headers.split(b"\r\n")
            if line.lower().startswith(b"content-type:")
        ),
        "application/octet-stream",
    )
    try:
        about: dict[str, object] = json.loads(described)
    except ValueError:
        raise BadBody("the first part is not JSON") from None
    return about, content_type
