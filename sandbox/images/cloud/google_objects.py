"""Objects of Google Cloud Storage as files: for each `<escaped key>.bytes` and, written last, `.json`."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, quote_plus

_LONGEST_NAME = 240
"""Bytes; the file system takes 255."""
_lock = threading.RLock()
"""Keeps the two files of an object together."""


class LongKey(Exception):
    """A key that makes no file name."""


@dataclass(frozen=True)
class About:
    """What is known of an object besides its bytes."""

    key: str
    size: int
    md5: str
    """Base64, as Google has it."""
    content_type: str
    generation: int
    """Microseconds since 1970, when it was written."""
    metadata: dict[str, str] = field(default_factory=dict)

    def resource(self, bucket: str, storage_class: str) -> dict[str, object]:
        """The object as the JSON API shows it."""
        written = datetime.fromtimestamp(self.generation / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        path = f"{quote(bucket)}/o/{quote(self.key, safe='')}"
        return {
            "kind": "storage#object",
            "id": f"{bucket}/{self.key}/{self.generation}",
            "selfLink": f"https://www.googleapis.com/storage/v1/b/{path}",
            "mediaLink": f"https://storage.googleapis.com/download/storage/v1/b/{path}?alt=media",
            "name": self.key,
            "bucket": bucket,
            "generation": str(self.generation),
            "metageneration": "1",
            "contentType": self.content_type,
            "storageClass": storage_class,
            "size": str(self.size),
            "md5Hash": self.md5,
            "etag": base64.b64encode(str(self.generation).encode()).decode(),
            "timeCreated": written,
            "updated": written,
            **({"metadata": self.metadata} if self.metadata else {}),
        }


class Objects:
    """The objects of one bucket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)

    def all(self, prefix: str = "") -> list[About]:
        """Every object whose key begins so, by key."""
        found = []
        with _lock:
            for path in self._folder.glob("*.json"):
                about = About(**json.loads(path.read_text()))
                if about.key.startswith(prefix):
                    found.append(about)
        return sorted(found, key=lambda about: about.key.encode())

    def find(self, key: str) -> About | None:
        """One object."""
        path = self._path(key, ".json")
        with _lock:
            return About(**json.loads(path.read_text())) if path.exists() else None

    def open(self, key: str) -> tuple[About, BinaryIO] | None:
        """One object with its bytes as they are on disk."""
        with _lock:
            about = self.find(key)
            return (about, self._path(key, ".bytes").open("rb")) if about else None

    @staticmethod
    def md5(content: BinaryIO) -> str:
        """Of what is left of it, which is left after this too."""
        start = content.tell()
        digest = hashlib.md5(usedforsecurity=False)
        while block := content.read(1 << 20):
            digest.update(block)
        content.seek(start)
        return base64.b64encode(digest.digest()).decode()

    @contextmanager
    def receiving(self) -> Iterator[BinaryIO]:
        """A file for what is being uploaded; it is gone at the end."""
        with tempfile.TemporaryFile(dir=self._folder) as file:
            yield file

    def keep(self, key: str, content: BinaryIO, content_type: str, metadata: dict[str, str]) -> About:
        """Make what is left of the content the object of that key."""
        bytes_path, json_path = self._path(key, ".bytes"), self._path(key, ".json")
        digest, size = hashlib.md5(usedforsecurity=False), 0
        handle, part = tempfile.mkstemp(suffix=".part", dir=self._folder)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o644)
            while block := content.read(1 << 20):
                digest.update(block)
                size += file.write(block)
        generation = int(datetime.now(UTC).timestamp() * 1e6)
        md5 = base64.b64encode(digest.digest()).decode()
        about = About(key, size, md5, content_type, generation, metadata)
        with _lock:
            Path(part).replace(bytes_path)
            Path(part).write_text(json.dumps(asdict(about)))
            Path(part).replace(json_path)
        return about

    def delete(self, key: str) -> bool:
        """Remove an object; whether there was one."""
        with _lock:
            found = self._path(key, ".json").exists()
            self._path(key, ".json").unlink(missing_ok=True)
            self._path(key, ".bytes").unlink(missing_ok=True)
        return found

    def _path(self, key: str, suffix: str) -> Path:
        name = quote_plus(key, safe="")
        if len(name) > _LONGEST_NAME:
            raise LongKey(f"the key is longer than the sandbox's store takes: {key}")
        return self._folder / f"{name}{suffix}"
