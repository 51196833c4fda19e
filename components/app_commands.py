"""What is done on the machine before and after an app's containers are made, each by a script of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi import Output, Resource, ResourceOptions

from components import docker
from components.backup.plan import IDENTITY
from components.edge.edge import Edge
from components.edge.settings import AcmeSettings
from components.edge.virtual_host import HostNames
from components.host.host import Host
from components.host.shell import Command, Script, script
from components.images import Images
from components.secrets import Secrets
from components.workload import App

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class AppCommandsArgs:
    """The app and what it consists of so far."""

    app: App
    host: Host
    edge: Edge
    images: Images
    secrets: Secrets
    volumes: Mapping[str, docker.Volume]
    containers: Mapping[str, docker.Container]
    """By service; it fills while the app is deployed."""


class AppCommands:
    """Makes the commands of one app, as children of `parent`."""

    def __init__(self, name: str, args: AppCommandsArgs, parent: Resource) -> None:
        self._name = name
        self._app = args.app
        self._host = args.host
        self._edge = args.edge
        self._images = args.images
        self._secrets = args.secrets
        self._volumes = args.volumes
        self._containers = args.containers
        self._parent = parent

    def ownership(self, after: Sequence[Resource]) -> Command | None:
        """Gives volumes the owners that the app says; None where it says none."""
        mounts = [(service, mount) for service in self._app.services for mount in service.mounts]
        # Of the services that share a volume, the first one's image fills it.
        first = {mount.volume: (service, mount) for service, mount in reversed(mounts)}
        volumes = [
            Output.concat(
                f"{volume.owner} {first[volume][1].path} ",
                self._volumes[volume.name].name,
                " ",
                self._images[first[volume][0].image],
            )
            for volume in self._app.volumes
            if volume.owner
        ]
        if not volumes:
            return None
        return self._host.shell.run(
            f"{self._name}-ownership",
            Script(
                script(
                    _FOLDER / "ownership.sh",
                    image=self._edge.shell_image,
                    volumes=Output.all(*volumes).apply("\n".join),
                )
            ),
            ResourceOptions(parent=self._parent, depends_on=after),
        )

    def identity(self, after: Sequence[Resource]) -> Command | None:
        """Refuses an update that would change what must never change once there is data, or a downgrade."""
        identity, schema = self._app.identity, self._app.schema
        if not identity and not schema:
            return None
        lines = [Output.concat(name, " ", self._secrets.value(value)) for name, value in identity.items()]
        return self._host.shell.run(
            f"{self._name}-identity",
            Script(
                script(
                    _FOLDER / "identity.sh",
                    app=self._name,
                    volume=self._volumes[IDENTITY].name,
                    image=self._edge.shell_image,
                    identity=Output.all(*lines).apply("\n".join),
                    secrets=" ".join(name for name, value in identity.items() if not isinstance(value, str)),
                    version=self._app.version,
                    numbers=str(schema.numbers if schema and not schema.downgrade else 0),
                    reason=schema.reason if schema else "",
                )
            ),
            ResourceOptions(parent=self._parent, depends_on=[*self._host.ready, *after]),
        )

    def takeover(self, jobs: Sequence[Resource]) -> list[Resource]:
        """Gives the new containers the requests; until then the older ones have them all."""
        routed = [service for service in self._app.services if service.routes]
        if not routed:
            return []
        containers = [self._containers[service.name] for service in routed]
        lines = [
            Output.concat(service.name, " ", container.name, " ", str(service.stop))
            for service, container in zip(routed, containers, strict=True)
        ]
        command = self._host.shell.run(
            f"{self._name}-takeover",
            Script(
                script(
                    _FOLDER / "edge" / "takeover.sh",
                    **HostNames(self._app, self._edge, self._host).variables,
                    image=self._edge.shell_image,
                    hostnames=" ".join(self._app.hostnames),
                    services=Output.all(*lines).apply("\n".join),
                    closed="1" if self._app.access else "0",
                ),
                triggers=[container.id for container in containers],
            ),
            ResourceOptions(parent=self._parent, depends_on=[*containers, *jobs]),
        )
        return [command]

    def await_https(self, jobs: Sequence[Resource]) -> Command | None:
        """Waits until every host name answers over HTTPS; None where there are no certificates."""
        certificate = self._edge.settings.certificate
        if not isinstance(certificate, AcmeSettings) or not self._app.hostnames:
            return None
        routed = [self._containers[service.name] for service in self._app.services if service.routes]
        return self._host.shell.run(
            f"{self._name}-https",
            Script(
                script(
                    _FOLDER / "edge" / "await_https.sh",
                    app=self._name,
                    names=" ".join(self._app.hostnames),
                    redirected=" ".join(route.hostname for route in self._app.routes if route.redirect),
                    deployment=self._host.deployment.label,
                    wait=str(certificate.wait),
                    authority=certificate.directory,
                    trusted="1" if certificate.trusted else "0",
                    # What asks for a password must refuse who has none, or the update fails.
                    page=self._app.routes[0].path if self._app.access else "/",
                    status="401" if self._app.access else "",
                ),
                triggers=[self._host.incarnation, *(container.id for container in routed)],
            ),
            ResourceOptions(parent=self._parent, depends_on=[*self._edge.certifying, *routed, *jobs]),
        )

    def note_version(self, after: Sequence[Resource]) -> list[Resource]:
        """Notes which version has changed the database, for `identity` to compare the next one with."""
        if not self._app.schema:
            return []
        command = self._host.shell.run(
            f"{self._name}-served",
            Script(
                script(
                    _FOLDER / "served.sh",
                    volume=self._volumes[IDENTITY].name,
                    image=self._edge.shell_image,
                    version=self._app.version,
                ),
            ),
            ResourceOptions(parent=self._parent, depends_on=[*self._containers.values(), *after]),
        )
        return [command]
