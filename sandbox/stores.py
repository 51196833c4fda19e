"""The object stores of a box from outside: what is in them, and what can go wrong with them."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus

from sandbox.box import Box

_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class ObjectStore:
    """One store: a folder of buckets, served at port 443 of an address."""

    folder: Path
    address: str

    @classmethod
    def google(cls, box: Box) -> ObjectStore:
        """Google Cloud Storage."""
        return cls(box.stores_folder / "google", box.store_addresses.google)

    @classmethod
    def s3(cls, box: Box) -> ObjectStore:
        """The S3-compatible store."""
        return cls(box.stores_folder / "s3", box.store_addresses.s3)

    def objects(self, bucket: str) -> list[str]:
        """The keys of a bucket; none where there is no such bucket."""
        paths = (self.folder / bucket).glob("*.json")
        return sorted(str(json.loads(path.read_text())["key"]) for path in paths)

    def read(self, bucket: str, key: str) -> bytes:
        """What is in an object."""
        return self._bytes(bucket, key).read_bytes()

    def damage(self, bucket: str, key: str) -> None:
        """Turn over the bits of a byte in the middle of an object, as a bad disk does."""
        path = self._bytes(bucket, key)
        content = bytearray(path.read_bytes())
        if not content:
            raise ValueError(f"{key} is empty: there is nothing to damage")
        content[len(content) // 2] ^= 0xFF
        damaged = path.with_suffix(".damaged")
        damaged.write_bytes(content)
        damaged.chmod(0o644)
        damaged.replace(path)

    def remove(self, bucket: str, key: str) -> None:
        """Lose an object."""
        path = self._bytes(bucket, key)
        path.with_suffix(".json").unlink()
        path.unlink()

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Meanwhile the store refuses connections; those that were open break."""
        flag = self.folder.with_suffix(".unreachable")
        flag.touch()
        try:
            self._await(reachable=False)
            yield
        finally:
            flag.unlink(missing_ok=True)
            self._await(reachable=True)

    def _bytes(self, bucket: str, key: str) -> Path:
        path = self.folder / bucket / f"{quote_plus(key, safe='')}.bytes"
        if not path.exists():
            raise KeyError(f"the bucket {bucket} has no object {key}")
        return path

    def _await(self, *, reachable: bool) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self._answers() != reachable:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{os.fspath(self.folder)} is not as it was told: reachable={reachable}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            socket.create_connection((self.address, 443), timeout=1).close()
        except ConnectionRefusedError:
            return False
        return True
