"""Who may do what in a bucket of Google Cloud Storage: token, scopes, and roles on the bucket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from tokens import KEY, Identity, read

WORLD = Path("/srv/cloud/storage.json")
_READ = {"storage.objects.get", "storage.objects.list"}
_WRITE = {*_READ, "storage.objects.create", "storage.objects.delete"}
_ALL = {*_WRITE, "storage.buckets.get"}
_AUTH = "https://www.googleapis.com/auth"
SCOPES: Mapping[str, set[str]] = {
    f"{_AUTH}/cloud-platform": _ALL,
    f"{_AUTH}/cloud-platform.read-only": {*_READ, "storage.buckets.get"},
    f"{_AUTH}/devstorage.full_control": _ALL,
    f"{_AUTH}/devstorage.read_write": _ALL,
    f"{_AUTH}/devstorage.read_only": {*_READ, "storage.buckets.get"},
}
ROLES: Mapping[str, set[str]] = {
    "roles/storage.admin": _ALL,
    "roles/storage.objectAdmin": _WRITE,
    "roles/storage.objectUser": _WRITE,
    "roles/storage.objectCreator": {"storage.objects.create"},
    "roles/storage.objectViewer": _READ,
    "roles/storage.legacyBucketReader": {"storage.buckets.get", "storage.objects.list"},
}


class Bucket(TypedDict):
    """What the file says of a bucket."""

    location: str
    storageClass: str
    created: str


class World(TypedDict):
    """What the file says: buckets by name; members as bucket, role, member; accounts by mail address."""

    buckets: dict[str, Bucket]
    members: list[tuple[str, str, str]]
    accounts: dict[str, bool]


class Refused(Exception):
    """An answer other than success, in Google's words."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message

    def body(self) -> dict[str, object]:
        """The body of the JSON API's answer."""
        error: dict[str, str] = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.status == 401:
            error |= {"locationType": "header", "location": "Authorization"}
        return {"error": {"code": self.status, "message": self.message, "errors": [error]}}


def world() -> World:
    """What is there now."""
    found: World = json.loads(WORLD.read_text())
    return found


def allow(authorization: str | None, bucket: str, permission: str) -> Bucket:
    """The bucket, for whoever has the permission on it. Raise `Refused` for anybody else."""
    now = world()
    identity = _identity(authorization, now, permission)
    found = now["buckets"].get(bucket)
    if found is None:
        raise Refused(404, "notFound", "The specified bucket does not exist.")
    if not any(permission in SCOPES.get(scope, ()) for scope in identity.scopes):
        raise Refused(403, "forbidden", "Provided scope(s) are not authorized")
    if not has(identity, now, bucket, permission):
        raise Refused(403, "forbidden", denied(identity.email, permission))
    return found


def has(identity: Identity, now: World, bucket: str, permission: str) -> bool:
    """Whether a role on the bucket gives it the permission."""
    member = f"serviceAccount:{identity.email}"
    return any(
        (where, who) == (bucket, member) and permission in ROLES.get(role, ())
        for where, role, who in now["members"]
    )


def denied(who: str, permission: str) -> str:
    """Google's words for a permission that is missing."""
    resource = "bucket" if permission in {"storage.objects.list", "storage.buckets.get"} else "object"
    return (
        f"{who} does not have {permission} access to the Google Cloud Storage {resource}."
        f" Permission '{permission}' denied on resource (or it may not exist)."
    )


def _identity(authorization: str | None, now: World, permission: str) -> Identity:
    if not authorization:
        raise Refused(401, "required", denied("Anonymous caller", permission))
    kind, _, token = authorization.partition(" ")
    found = read(token, KEY.read_bytes()) if kind == "Bearer" else None
    # An account that is deleted or disabled has no valid tokens any more.
    if found is None or not now["accounts"].get(found.email):
        raise Refused(401, "authError", "Invalid Credentials")
    return found
