"""What the cloud knows: every resource by kind and name, as files in the sandbox's folder.

`cloud.json` is the truth that the providers read and write; from it come the files that the cloud's
container serves: DNS records, machines' metadata, who may use which bucket, and roles on the project. Whoever
changes the truth by hand makes drift.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
Entry: TypeAlias = dict[str, "Json"]
Kinds: TypeAlias = dict[str, dict[str, Entry]]
PROJECT = "homeport-sandbox"
"""The project that everything is in."""
PROJECT_NUMBER = "271828182845"
"""How Google's messages call it."""
NEW_PROJECT_APIS = tuple(
    f"{name}.googleapis.com"
    for name in ("logging", "monitoring", "servicemanagement", "serviceusage", "storage")
)
"""APIs that are on in a new project, of those that matter here (Google's page "Enabling and disabling
services")."""
APIS = (
    *NEW_PROJECT_APIS,
    *(f"{name}.googleapis.com" for name in ("cloudresourcemanager", "compute", "dns", "iam")),
)
"""Every API that the sandbox knows."""


class Cloud:
    """The records of one sandbox."""

    def __init__(self, directory: Path) -> None:
        self._truth = directory / "cloud.json"
        self._served = directory / "cloud"
        self._served.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def changing(self) -> Iterator[Kinds]:
        """The records, to be changed; written at the end, all or nothing, one writer at a time."""
        with (self._truth.parent / "cloud.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kinds = self._read()
            yield kinds
            _write(self._truth, kinds)
            self._serve(kinds)

    def get(self, kind: str, name: str) -> Entry | None:
        """One record as it is now."""
        return self._read().get(kind, {}).get(name)

    def all(self, kind: str) -> Mapping[str, Entry]:
        """Every record of a kind by name."""
        return self._read().get(kind, {})

    def put(self, kind: str, name: str, entry: Entry) -> None:
        """Make or change a record."""
        with self.changing() as kinds:
            kinds.setdefault(kind, {})[name] = entry

    def remove(self, kind: str, name: str) -> None:
        """Remove a record; one that is gone already is no mistake."""
        with self.changing() as kinds:
            kinds.get(kind, {}).pop(name, None)

    def ensure_zone(self, dns_name: str) -> None:
        """A DNS zone that was there before the program, as a domain's owner has it."""
        name = dns_name.replace(".", "-")
        with self.changing() as kinds:
            kinds.setdefault("zone", {}).setdefault(name, {"dnsName": f"{dns_name}."})

    def switch_on(self, *apis: str) -> None:
        """Switch on APIs, by names such as dns.googleapis.com."""
        with self.changing() as kinds:
            for name in apis:
                kinds.setdefault("service", {})[name] = {"service": name}

    def _read(self) -> Kinds:
        if not self._truth.exists():
            return {}
        kinds: Kinds = json.loads(self._truth.read_text())
        return kinds

    def _serve(self, kinds: Kinds) -> None:
        zones: Kinds = {str(zone["dnsName"]): {} for zone in kinds.get("zone", {}).values()}
        records = list(kinds.get("record", {}).values())
        _write(self._served / "dns.json", {"zones": zones, "records": records})
        machines = {
            str(machine["address"]): {
                "name": name,
                "id": machine.get("instanceId"),
                "zone": machine.get("zone"),
                "attributes": machine.get("metadata") or {},
                "project": PROJECT,
                "service_account": {
                    "email": machine.get("serviceAccount") or "",
                    "scopes": machine.get("scopes") or [],
                },
            }
            for name, machine in kinds.get("instance", {}).items()
            if machine.get("address")
        }
        _write(self._served / "instances.json", machines)
        _write(self._served / "storage.json", _storage(kinds))
        _write(self._served / "project.json", _project(kinds))


def account_email(account: str) -> str:
    """The mail address of a service account."""
    return f"{account}@{PROJECT}.iam.gserviceaccount.com"


def _storage(kinds: Kinds) -> dict[str, Json]:
    """Buckets, their members, and whether each service account is in force."""
    buckets: dict[str, Json] = {
        name: {key: bucket.get(key) or "" for key in ("location", "storageClass", "created")}
        for name, bucket in kinds.get("bucket", {}).items()
        if bucket.get("project") == PROJECT
    }
    members: list[Json] = [
        [member.get("bucket"), member.get("role"), member.get("member")]
        for member in kinds.get("bucketMember", {}).values()
    ]
    return {"buckets": buckets, "members": members, "accounts": _accounts(kinds)}


def _project(kinds: Kinds) -> dict[str, Json]:
    """Who has which role on the project, whether each service account is in force, and zones by machine."""
    members: list[Json] = [
        [member.get("project"), member.get("role"), member.get("member")]
        for member in kinds.get("iamMember", {}).values()
    ]
    machines: dict[str, Json] = {
        str(machine["instanceId"]): machine.get("zone")
        for machine in kinds.get("instance", {}).values()
        if machine.get("instanceId")
    }
    return {"project": PROJECT, "members": members, "accounts": _accounts(kinds), "machines": machines}


def _accounts(kinds: Kinds) -> dict[str, Json]:
    return {
        account_email(name): not account.get("disabled")
        for name, account in kinds.get("serviceAccount", {}).items()
    }


def _write(path: Path, content: object) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, indent=1))
    # The metadata holds keys; the containers that read it run as root.
    new.chmod(0o600)
    os.replace(new, path)
