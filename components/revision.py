"""The short hash that names one revision of a stateless service."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple

from components.workload import EnvironmentValue, Service


def revision(service: Service) -> str:
    """Seven hexadecimal digits that change when the service's specification does.

    A new revision is a new resource: Pulumi creates it, waits for its health and only then deletes the
    old one, while the proxy holds both. Only what is known at plan time goes in, so secrets count by
    their names. The official Docker provider would delete first (measured, and so in its source).
    """
    specification = {
        "image": service.image.reference,
        "environment": {name: _plain(value) for name, value in service.environment.items()},
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


def _plain(value: EnvironmentValue) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [part if isinstance(part, str) else f"secret:{part.name}" for part in value.parts]
