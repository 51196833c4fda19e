"""A stack's state as the engine keeps it in a folder: resources, outputs and the updates of the past.

Reading it takes no process. `pulumi stack output --show-secrets` takes most of a second, since it makes a key
from the passphrase with a million rounds of SHA-256; here each key is made once.
"""

from __future__ import annotations

import base64
import functools
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from pydantic import BaseModel, Field, JsonValue

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key of an object that stands for something else: sdk/go/common/resource/sig/sig.go of Pulumi 3.259.0."""
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  the object's kind, same file
_STACK = "pulumi:pulumi:Stack"
_ROUNDS = 1_000_000
"""sdk/go/common/resource/config/crypt.go."""


class Resource(BaseModel):
    """One resource as it is stored."""

    urn: str
    type: str
    parent: str = ""
    """The parent's URN; empty where there is none."""
    protect: bool = False
    outputs: dict[str, JsonValue] = {}


class _Manager(BaseModel):
    salt: str
    """`v1:<salt>:v1:<nonce>:<something encrypted, to check a passphrase by>`."""


class _SecretsProvider(BaseModel):
    state: _Manager


class _Deployment(BaseModel):
    resources: list[Resource] = []
    secrets_providers: _SecretsProvider | None = None


class _Checkpoint(BaseModel):
    latest: _Deployment | None = None


class _Stored(BaseModel):
    checkpoint: _Checkpoint


class Update(BaseModel):
    """What the engine noted of an update, a refresh or a removal."""

    kind: str
    message: str
    result: str
    started: datetime = Field(alias="startTime")
    ended: datetime = Field(alias="endTime")
    changes: dict[str, int] = Field(default={}, alias="resourceChanges")
    """How many resources, by what was done with them."""


@dataclass(frozen=True)
class State:
    """One stack in a backend of the kind `file://`."""

    backend: Path
    """The folder that the URL names."""
    project: str
    stack: str
    passphrase: str

    @property
    def path(self) -> Path:
        """The file with the newest state."""
        return self.backend / ".pulumi" / "stacks" / self.project / f"{self.stack}.json"

    def exists(self) -> bool:
        """Whether there is such a stack."""
        return self.path.exists()

    def text(self) -> str:
        """The state as it is stored: secrets encrypted."""
        return self.path.read_text()

    def resources(self) -> list[Resource]:
        """Every resource, the stack itself and its providers included."""
        return self._deployment().resources

    def outputs(self) -> dict[str, JsonValue]:
        """The stack's outputs; secrets are plain text here."""
        deployment = self._deployment()
        stored = next((one.outputs for one in deployment.resources if one.type == _STACK), {})
        provider = deployment.secrets_providers
        salt = provider.state.salt.split(":")[1] if provider else ""
        return {name: _plain(value, self.passphrase, salt) for name, value in stored.items()}

    def last_update(self) -> Update:
        """The newest of the stack's history; `FileNotFoundError` where it has none."""
        folder = self.backend / ".pulumi" / "history" / self.project / self.stack
        noted = sorted(folder.glob("*.history.json"))
        if not noted:
            raise FileNotFoundError(f"no update of {self.stack} is noted in {folder}")
        return Update.model_validate_json(noted[-1].read_text())

    def _deployment(self) -> _Deployment:
        return _Stored.model_validate_json(self.text()).checkpoint.latest or _Deployment()


def _plain(value: JsonValue, passphrase: str, salt: str) -> JsonValue:
    """The value with every secret in it decrypted."""
    if isinstance(value, list):
        return [_plain(item, passphrase, salt) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get(_SIGNATURE) != _SECRET:
        return {key: _plain(item, passphrase, salt) for key, item in value.items()}
    version, nonce, encrypted = str(value["ciphertext"]).split(":")
    if version != "v1":
        raise ValueError(f"a secret of the state is encrypted in the unknown way {version}")
    cipher = _cipher(passphrase, salt)
    plain: JsonValue = json.loads(cipher.decrypt(base64.b64decode(nonce), base64.b64decode(encrypted), None))
    return _plain(plain, passphrase, salt)


@functools.cache
def _cipher(passphrase: str, salt: str) -> AESGCM:
    derived = PBKDF2HMAC(hashes.SHA256(), length=32, salt=base64.b64decode(salt), iterations=_ROUNDS)
    return AESGCM(derived.derive(passphrase.encode()))
