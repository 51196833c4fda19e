"""What is in a file that somebody gives as a dump: its content decides, never its name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from operations import import_encoding
from operations.import_error import DumpError
from operations.import_foreign import foreign_binary, foreign_text, server_files
from operations.import_members import FolderMembers, Members, TarMembers, ZipMembers

Kind = Literal["plain", "custom", "members"]
Unpack = Callable[[IO[bytes]], IO[bytes]]

_HEAD = 4096
_DEEPEST = 4
"""Packings in each other: a dump in a tar in gzip in a zip."""
_ARCHIVE = b"PGDMP"
_ZIP = b"PK\x03\x04"
_TABLE_OF_CONTENTS = "toc.dat"
PACKED_BADLY: tuple[type[Exception], ...] = (
    EOFError,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
)
"""What reading raises where a packed file was cut off or damaged."""

_PACKINGS: tuple[tuple[bytes, Unpack], ...] = (
    (b"\x1f\x8b", lambda stream: cast(IO[bytes], gzip.GzipFile(fileobj=stream, mode="rb"))),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
)

if sys.version_info >= (3, 14):
    from compression import zstd

    _PACKINGS = (*_PACKINGS, (b"\x28\xb5\x2f\xfd", zstd.ZstdFile))
    PACKED_BADLY = (*PACKED_BADLY, zstd.ZstdError)

_UNREADABLE: tuple[type[Exception], ...] = (*PACKED_BADLY, OSError)


@dataclass(frozen=True)
class Content:
    """A dump that was found, and how to get at it; it can be read any number of times."""

    path: Path
    kind: Kind
    """`members` are the files of a folder or tar format, in a folder or packed."""
    layers: tuple[Unpack, ...] = ()
    """From the file itself inwards."""
    folder: str = ""
    """Where members lie in the tar or zip, with a slash at the end."""

    @property
    def is_packed(self) -> bool:
        """Whether it is much smaller than what is in it."""
        return bool(self.layers) or self.kind != "plain"

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """The bytes of a plain or custom dump. What is raised in reading it becomes a `DumpError`."""
        with self._well(), _opened(self.path, self.layers) as stream:
            yield stream

    @contextmanager
    def lines(self) -> Iterator[Iterator[bytes]]:
        """The lines of a plain dump, in UTF-8 and with line feeds."""
        with self.stream() as peeked:
            head = peeked.read(_HEAD)
        with self.stream() as stream:
            yield import_encoding.lines(stream, head, self.path)

    @contextmanager
    def members(self) -> Iterator[Members]:
        """The files of a dump that is several."""
        with self._well():
            if not self.layers and self.path.is_dir():
                yield FolderMembers(self.path)
                return
            with _opened(self.path, self.layers) as stream:
                yield _members_of(stream, self.folder)

    @contextmanager
    def _well(self) -> Iterator[None]:
        try:
            yield
        except _UNREADABLE as error:
            # What bz2 says of damaged content is an error of the system without a number.
            if isinstance(error, OSError) and error.errno:
                raise
            raise DumpError(
                f"{self.path} was cut off or damaged ({error}): make it again, or copy it again"
            ) from error


def content(path: Path) -> Content:
    """Look at what is in a file or folder. Raises `DumpError` for what is no dump, with what it is."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise DumpError(
            f"{path} is not there: DATABASE is the path of a file or folder of pg_dump"
        ) from error
    except (OSError, ValueError) as error:
        raise DumpError(f"{path} cannot be read: {getattr(error, 'strerror', error)}") from error
    try:
        if stat.S_ISDIR(mode):
            return _folder(path)
        if not stat.S_ISREG(mode):
            raise DumpError(
                f"{path} is a pipe or a device, and a dump is read twice: write it into a file first"
            )
        return _inside(path, ())
    except PermissionError as error:
        raise DumpError(f"{path} cannot be read: permission denied") from error
    except _UNREADABLE as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise DumpError(
            f"{path} was cut off or damaged ({error}): make it again, or copy it again"
        ) from error


def _folder(path: Path) -> Content:
    names = sorted(entry.name for entry in path.iterdir())
    if _TABLE_OF_CONTENTS in names:
        return Content(path, "members")
    known = server_files(names)
    if known:
        raise DumpError(f"{path} {known}")
    raise DumpError(
        f"{path} is a folder without {_TABLE_OF_CONTENTS}, so not one of pg_dump --format=directory;"
        f" name the dump itself: {_some(names)}"
    )


def _inside(path: Path, layers: tuple[Unpack, ...]) -> Content:
    with _opened(path, layers) as stream:
        head = stream.read(_HEAD)
    if not head:
        raise DumpError(f"{path} is empty: make the dump again, and look at what pg_dump says")
    packing = next((unpack for magic, unpack in _PACKINGS if head.startswith(magic)), None)
    packs = packing or head.startswith(_ZIP) or _is_tar(head)
    if packs and len(layers) >= _DEEPEST:
        raise DumpError(f"{path} is packed more than {_DEEPEST} times: unpack it, and give the dump in it")
    if packing:
        return _inside(path, (*layers, packing))
    if packs:
        return _several(path, layers)
    if head.startswith(_ARCHIVE):
        return Content(path, _archive_kind(path, head), layers)
    return _plain(path, layers, head)


def _archive_kind(path: Path, head: bytes) -> Kind:
    ends = head.count(b"\n")
    if ends > 3 and head.count(b"\r\n") == ends:
        raise DumpError(
            f"{path} was changed on its way by a terminal, as by docker exec --tty: make the dump again with"
            " docker exec without --tty, or docker compose exec -T"
        )
    # The kind is the sixth byte after the name, in every version since PostgreSQL 7.4.
    if len(head) > 10 and head[10] in (3, 5):
        raise DumpError(
            f"{path} is the table of contents of a dump that is a folder: give the folder with all in it"
        )
    return "custom"


def _plain(path: Path, layers: tuple[Unpack, ...], head: bytes) -> Content:
    text = import_encoding.text(head)
    if import_encoding.encoding(head) and text.lstrip("\ufeff").startswith(_ARCHIVE.decode()):
        raise DumpError(
            f"{path} is in pg_dump's custom format and PowerShell's `>` destroyed it: make it"
            " again with pg_dump --format=custom --file=FILE"
        )
    if not (known := foreign_binary(head)) and (other := _lines_before(text.lstrip("\ufeff"))):
        count, first = other
        raise DumpError(
            f"{path}, line 1: {first[:60]!r} is not of pg_dump: take the first {count} lines out"
            f" (tail -n +{count + 1} {path} >DUMP), and give what is left"
        )
    if known := known or foreign_text(text.lstrip("\ufeff")):
        raise DumpError(f"{path} {known.replace('FILE', str(path))}")
    return Content(path, "plain", layers)


def _lines_before(text: str) -> tuple[int, str] | None:
    """How many lines of something else come before a dump, such as warnings of docker; and the first."""
    before, found, _ = text.partition("-- PostgreSQL database ")
    lines = before.splitlines()
    other = [line for line in lines if line.strip() and not re.match(r"--|\\|.*;\s*$", line)]
    if not found or not other:
        return None
    return len(lines) - (1 if lines[-1].strip() == "--" else 0), other[0].strip()


def _several(path: Path, layers: tuple[Unpack, ...]) -> Content:
    """A tar or zip: a dump that is several files, or the one dump in it."""
    with _opened(path, layers) as stream:
        names = _members_of(stream, "").names()
    contents = [name for name in names if name.rpartition("/")[2] == _TABLE_OF_CONTENTS]
    if len(contents) == 1:
        return Content(path, "members", layers, contents[0].removesuffix(_TABLE_OF_CONTENTS))
    if known := server_files(names):
        raise DumpError(f"{path} {known}")
    if len(names) != 1:
        raise DumpError(
            f"{path} has {len(names)} files, not one dump: unpack it and give the dump: {_some(names)}"
        )

    def unpack(stream: IO[bytes]) -> IO[bytes]:
        return _members_of(stream, "").open(names[0])

    return _inside(path, (*layers, unpack))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "") if names else "(nothing is in it)"


def _is_tar(head: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _members_of(stream: IO[bytes], folder: str) -> Members:
    magic = stream.read(len(_ZIP))
    stream.seek(0)
    if magic == _ZIP:
        return ZipMembers(zipfile.ZipFile(stream), folder)
    return TarMembers(tarfile.open(fileobj=stream, mode="r:"), folder)


@contextmanager
def _opened(path: Path, layers: Sequence[Unpack]) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        stream: IO[bytes] = stack.enter_context(path.open("rb"))
        for unpack in layers:
            stream = stack.enter_context(unpack(stream))
        yield stream
