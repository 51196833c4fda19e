"""Folders of an installation, as a stream of tar."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO


@dataclass
class Sent:
    """What went into a stream."""

    files: int = 0
    size: int = 0
    """Bytes of the files' content."""
    left_out: list[str] = field(default_factory=list)
    """Links, sockets and the like, by their paths in the folder."""


def size(folder: Path) -> int:
    """Bytes of all files in a folder. Raises `OSError` where one cannot be read."""
    return sum(entry.stat(follow_symlinks=False).st_size for entry in _entries(folder) if _is_file(entry))


def send(folder: Path, stream: IO[bytes]) -> Sent:
    """Write a folder's files and folders. Raises `OSError` where one cannot be read, or the stream ended.

    Links are not followed and not sent: on another machine they would lead elsewhere.
    """
    sent = Sent()
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for entry in _entries(folder):
            name = os.path.relpath(entry.path, folder)
            if entry.is_dir(follow_symlinks=False):
                tar.addfile(_described(tar, entry, name))
            elif _is_file(entry):
                with open(entry.path, "rb") as file:
                    described = _described(tar, entry, name)
                    tar.addfile(described, file)
                    sent.files += 1
                    sent.size += described.size
            else:
                sent.left_out.append(name)
    return sent


def _described(tar: tarfile.TarFile, entry: os.DirEntry[str], name: str) -> tarfile.TarInfo:
    described = tar.gettarinfo(entry.path, arcname=name)
    # Names with two links would be sent as a link to the first.
    if _is_file(entry):
        described.type = tarfile.REGTYPE
        described.size = entry.stat(follow_symlinks=False).st_size
    described.uid = described.gid = 0
    described.uname = described.gname = "root"
    return described


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


def _entries(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        yield entry
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(entry.path)
