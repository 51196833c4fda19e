"""The short hash that names one revision of a stateless service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple

from components.workload import EnvironmentValue, Service, SuppliedSecret

_COST = 2**13
"""What scrypt takes: some 30 milliseconds, which a guess at a weak secret costs too."""


def fingerprint(secret: str, stack: str) -> str:
    """What a secret of the user's counts as in a revision: another one for another secret."""
    return hashlib.scrypt(secret.encode(), salt=stack.encode(), n=_COST, r=8, p=1, dklen=16).hex()


def revision(service: Service, fingerprints: Mapping[str, str] | None = None) -> str:
    """Seven hexadecimal digits that change when the service's specification does.

    A new revision is a new resource: Pulumi creates it, waits for its health and only then deletes the
    old one, while the proxy holds both. Only what is known at plan time goes in: secrets that are
    generated count by their names, those of the user by the `fingerprints` of their names as well. The
    official Docker provider would delete first (measured, and so in its source).
    """
    known = fingerprints or {}
    specification = {
        "image": service.image.reference,
        "environment": {name: _plain(value, known) for name, value in service.environment.items()},
        "command": service.command,
        "mounts": [(mount.volume.name, mount.path, mount.read_only) for mount in service.mounts],
        "memory": (service.memory.limit, service.memory.swap),
        "health": astuple(service.health) if service.health else None,
        "stop": service.stop,
        "roots": service.machine_roots,
        "confinement": astuple(service.confinement),
        **({"folders": service.machine_folders} if service.machine_folders else {}),
        **({"joins": service.joins} if service.joins else {}),
        "ports": [(port.port, port.protocol) for port in service.ports],
        "routes": [(route.hostname, route.path, route.port) for route in service.routes],
    }
    return hashlib.sha256(json.dumps(specification, sort_keys=True).encode()).hexdigest()[:7]


def _plain(value: EnvironmentValue, fingerprints: Mapping[str, str]) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = [part if isinstance(part, str) else f"secret:{part.name}" for part in value.parts]
    secrets = [part.name for part in value.parts if isinstance(part, SuppliedSecret)]
    return parts + [fingerprints[name] for name in secrets if name in fingerprints]
