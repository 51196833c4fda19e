"""Which data of an app is saved, as the machine's scripts read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from components.workload import App, PublishedImage

IDENTITY = "identity"
"""Volume of an app beside those that its services mount: what may never change, see `App.identity`."""

Plan: TypeAlias = dict[str, str | dict[str, str] | list[dict[str, str | int]]]


def saved_volumes(app: App) -> Sequence[str]:
    """Names of the volumes that are saved as files: all but those of the database servers."""
    servers = {database.service for database in app.databases}
    volumes = (m.volume.name for s in app.services if s.name not in servers for m in s.mounts)
    return list(dict.fromkeys((*volumes, *((IDENTITY,) if app.keeps_identity else ()))))


def app_plan(app: App, name_on_machine: Callable[[str], str]) -> Plan:
    """An app's databases, volumes and images. `name_on_machine` makes the name of a volume at Docker."""
    queues = {queue.volume: queue.service for queue in app.queues}
    return {
        "kind": app.kind,
        "version": app.version,
        "images": {service.name: service.image.reference for service in app.services},
        "databases": [
            {
                "service": database.service,
                "name": database.name,
                "major": database.major,
                "image": _reference(app, database.service),
            }
            for database in app.databases
        ],
        "volumes": [
            {
                "name": name,
                "volume": name_on_machine(f"{app.name}-{name}"),
                "kind": "redis" if name in queues else "files",
                "service": queues.get(name, ""),
            }
            for name in saved_volumes(app)
        ],
    }


def _reference(app: App, service: str) -> str:
    image = app.service(service).image
    if not isinstance(image, PublishedImage):
        raise TypeError(f"{app.name}: the image of {service} is built; a check could not start another one")
    return image.reference
