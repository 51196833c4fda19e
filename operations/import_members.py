"""The files of a dump in pg_dump's folder or tar format, in a folder, a tar or a zip."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from operations.import_error import DumpError


class Members(Protocol):
    """Files by their names, in the order in which they are read best."""

    def names(self) -> Sequence[str]:
        """Regular files only."""

    def open(self, name: str) -> IO[bytes]:
        """One of them. Raises `KeyError` where it is not there."""


@dataclass(frozen=True)
class FolderMembers:
    """Files of a folder."""

    path: Path

    def names(self) -> Sequence[str]:
        return sorted(entry.name for entry in self.path.iterdir() if entry.is_file())

    def open(self, name: str) -> IO[bytes]:
        try:
            return (self.path / name).open("rb")
        except FileNotFoundError as error:
            raise KeyError(name) from error


@dataclass(frozen=True)
class TarMembers:
    """Files of a tar, in its order; out of order what is packed is read from its start."""

    tar: tarfile.TarFile
    folder: str

    def names(self) -> Sequence[str]:
        return [
            member.name.removeprefix(self.folder)
            for member in self.tar
            if member.isreg() and member.name.startswith(self.folder) and not _is_of_the_system(member.name)
        ]

    def open(self, name: str) -> IO[bytes]:
        found = self.tar.extractfile(self.folder + name)
        if found is None:
            raise KeyError(name)
        return found


@dataclass(frozen=True)
class ZipMembers:
    """Files of a zip."""

    archive: zipfile.ZipFile
    folder: str

    def names(self) -> Sequence[str]:
        return [
            name.removeprefix(self.folder)
            for name in self.archive.namelist()
            if name.startswith(self.folder) and not name.endswith("/") and not _is_of_the_system(name)
        ]

    def open(self, name: str) -> IO[bytes]:
        try:
            return self.archive.open(self.folder + name)
        except (RuntimeError, NotImplementedError) as error:
            # A password, or a compression that only other programs know.
            where = self.archive.filename or "a zip in it"
            raise DumpError(
                f"{where} cannot be read here ({error}): unpack it, and give the dump in it"
            ) from error


def _is_of_the_system(name: str) -> bool:
    """Whether macOS or Windows has put it there beside what was packed."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith(("._", ".DS_Store"))
