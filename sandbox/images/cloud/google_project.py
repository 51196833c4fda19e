"""Who may do what in the project with Cloud Monitoring: token, scopes, and roles on the project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from google_access import Refused
from tokens import KEY, read

WORLD = Path("/srv/cloud/project.json")
WRITE, LOOK = "monitoring.timeSeries.create", "monitoring.metricDescriptors.get"
_BOTH = {WRITE, LOOK}
_AUTH = "https://www.googleapis.com/auth"
SCOPES: Mapping[str, set[str]] = {
    f"{_AUTH}/cloud-platform": _BOTH,
    f"{_AUTH}/monitoring": _BOTH,
    f"{_AUTH}/monitoring.write": _BOTH,
    f"{_AUTH}/monitoring.read": {LOOK},
}
ROLES: Mapping[str, set[str]] = {
    "roles/monitoring.admin": _BOTH,
    "roles/monitoring.editor": _BOTH,
    "roles/monitoring.metricWriter": _BOTH,
    "roles/monitoring.viewer": {LOOK},
}
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    501: "UNIMPLEMENTED",
}
"""Google's word for a status of HTTP, in this API's errors."""


class World(TypedDict):
    """What the file says: members as project, role, member; accounts by address; zones by machine's id."""

    project: str
    members: list[tuple[str, str, str]]
    accounts: dict[str, bool]
    machines: dict[str, str]


def allow(authorization: str | None, project: str, permission: str) -> World:
    """What is there, for whoever has the permission on the project. Raise `Refused` for anybody else."""
    if not authorization:
        raise Refused(401, "required", "Request is missing required authentication credential.")
    now: World = json.loads(WORLD.read_text())
    kind, _, token = authorization.partition(" ")
    identity = read(token, KEY.read_bytes()) if kind == "Bearer" else None
    # An account that is deleted or disabled has no valid tokens any more.
    if identity is None or not now["accounts"].get(identity.email):
        raise Refused(401, "authError", "Request had invalid authentication credentials.")
    if not any(permission in SCOPES.get(scope, ()) for scope in identity.scopes):
        raise Refused(403, "forbidden", "Request had insufficient authentication scopes.")
    member = f"serviceAccount:{identity.email}"
    if project != now["project"] or not any(
        (where, who) == (project, member) and permission in ROLES.get(role, ())
        for where, role, who in now["members"]
    ):
        said = f"Permission {permission} denied (or the resource may not exist)."
        raise Refused(403, "forbidden", said)
    return now
