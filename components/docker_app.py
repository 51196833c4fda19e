"""An `App` as Docker networks, volumes, containers and one-off jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pulumi import Alias, ComponentResource, Output, Resource, ResourceOptions

from components import docker
from components.app_commands import AppCommands, AppCommandsArgs
from components.backup.plan import IDENTITY
from components.backup.restore import Restore, Restored
from components.container import ContainerArgs, container
from components.database_upgrade import DatabaseUpgrade
from components.edge.access import AccessArgs, access
from components.edge.edge import Edge
from components.edge.settings import AcmeSettings
from components.edge.virtual_host import HostNames
from components.host.host import Host
from components.images import Images
from components.jobs import Jobs, JobsArgs
from components.revision import revision
from components.secrets import Secrets
from components.workload import App, EnvironmentValue, Printed, Service

_ROOTS = "/etc/ssl/certs/ca-certificates.crt"
"""Where Debian and Ubuntu keep all certificate authorities in one file, and most images look for it."""


@dataclass(frozen=True)
class DockerAppArgs:
    """The app and what it runs on."""

    app: App
    host: Host
    edge: Edge
    supplied: Mapping[str, Output[str]]
    """The user's secrets by name."""
    others: Mapping[str, DockerApp] = field(default_factory=dict)
    """The apps that came before, by name."""
    certificates_after: Sequence[Resource] = ()
    """What must exist before a container asks for a certificate: the names resolve by then."""
    restore: Restore | None = None
    """Where its first data comes from."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """What the user's secrets count as in a revision, by name: a changed one rolls the app."""


class DockerApp(ComponentResource):
    """One running app. `administrator_password` is a secret output, where the app has an administrator.

    Order: volumes and what guards them; stateful services; jobs before a new version; all other services;
    jobs of a first deployment; an answer over HTTPS; jobs for when the new version alone serves.
    """

    def __init__(self, name: str, args: DockerAppArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("homeport:app:DockerApp", name, None, opts)
        self._name = name
        self._args = args
        self._app = args.app
        self._child = ResourceOptions(parent=self, provider=args.host.provider, depends_on=args.host.ready)
        self.back: docker.Network = docker.Network(
            f"back-{name}", driver="bridge", internal=True, opts=self._child
        )
        self._out: docker.Network | None = None
        if any(service.egress for service in args.app.services):
            self._out = docker.Network(f"out-{name}", driver="bridge", opts=self._child)
        names = [volume.name for volume in args.app.volumes] + ([IDENTITY] if args.app.keeps_identity else [])
        self._volumes = {volume: self._volume(volume) for volume in names}
        self._restored = self._restore()
        saved = self._restored.secrets(args.app) if self._restored else None
        others = {other: deployed.secrets for other, deployed in args.others.items()}
        self.secrets: Secrets = Secrets(name, args.app.secrets(), args.supplied, self, others, saved)
        self._images = Images(name, self._child)
        self._containers: dict[str, docker.Container] = {}
        self._upgrades = {
            database.service: DatabaseUpgrade(args.app, database, args.host, self._images, self)
            for database in args.app.databases
        }
        self._jobs = Jobs(
            JobsArgs(
                args.app,
                args.host,
                self._images,
                self.secrets,
                self.back,
                self._volumes,
                self._containers,
            ),
            self,
        )
        self._commands = AppCommands(
            name,
            AppCommandsArgs(
                args.app, args.host, args.edge, self._images, self.secrets, self._volumes, self._containers
            ),
            self,
        )
        self._deploy()
        self.administrator_password = self._administrator_password()
        self.register_outputs({"url": args.app.url, "version": args.app.version})

    def _deploy(self) -> None:
        prepared: list[Resource] = [self._restored.command] if self._restored else []
        if guard := self._commands.identity(prepared):
            prepared.append(guard)
        # Each waits for what it needs alone: a database does not wait for nginx or the app's image.
        served = self._host_names(prepared)
        ownership = self._commands.ownership(prepared)
        owned = [ownership] if ownership else []
        for service in self._app.services:
            if service.stateful:
                owners = owned if any(mount.volume.owner for mount in service.mounts) else []
                self._containers[service.name] = self._container(service, [*prepared, *owners])
        servers = [*prepared, *owned, *self._containers.values()]
        filled: list[Resource] = [upgrade.copy(servers) for upgrade in self._upgrades.values()]
        if self._args.restore and self._restored:
            filled += self._args.restore.databases(self._app, self._restored, [*servers, *filled], self)
        migrated = self._jobs.run("before", [*servers, *filled])
        for service in self._app.services:
            if not service.stateful:
                routed = served if service.routes else []
                self._containers[service.name] = self._container(
                    service, [*prepared, *owned, *filled, *migrated, *routed]
                )
        running = list(self._containers.values())
        once = self._jobs.run("once", running)
        serving = self._commands.takeover(once)
        # It stops what reads the old database, so nothing may be asked of those any more.
        serving += [upgrade.serve([*running, *once, *serving]) for upgrade in self._upgrades.values()]
        answers = self._commands.await_https([*once, *serving])
        serving += [answers] if answers else []
        serving += self._commands.note_version([*once, *serving])
        self._jobs.run("after", [*running, *once, *serving])
        if self._args.host.has_timers:
            for schedule in self._app.schedules:
                self._jobs.schedule(schedule, running)

    def _administrator_password(self) -> Output[str] | None:
        if self._app.administrator is None:
            return None
        source = self._app.administrator.password
        return self._jobs.printed(source) if isinstance(source, Printed) else self.secrets[source]

    def _volume(self, name: str) -> docker.Volume:
        # A fixed name, so that an app that comes back finds its data.
        return docker.Volume(
            f"{self._name}-{name}",
            name=self._args.host.deployment.name(f"{self._name}-{name}"),
            opts=ResourceOptions.merge(
                self._child, ResourceOptions(retain_on_delete=not self._app.delete_data)
            ),
        )

    def _restore(self) -> Restored | None:
        if self._args.restore is None:
            return None
        names = {name: volume.name for name, volume in self._volumes.items()}
        return self._args.restore.files(self._app, names, self)

    def _host_names(self, after: Sequence[Resource]) -> list[Resource]:
        """What nginx knows before a container answers at a name: who may see it, and how it is served."""
        before: list[Resource] = [*self._args.edge.ready, *after]
        if self._app.access:
            login = AccessArgs(self._name, self._app.access.user, self.secrets[self._app.access.password])
            opts = ResourceOptions(parent=self, depends_on=before)
            before.append(access(f"{self._name}-access", self._args.edge, self._args.host, login, opts))
        names = HostNames(self._app, self._args.edge, self._args.host)
        return [*names.settings(ResourceOptions(parent=self, depends_on=before))]

    def _container(self, service: Service, prepared: Sequence[Resource]) -> docker.Container:
        # Before its revision is made: what the proxy is told changes the container like any variable.
        service = replace(service, environment={**service.environment, **self._proxy_environment(service)})
        before: list[Resource] = [self._containers[name] for name in service.after]
        if service.routes:
            before += [*self._args.edge.ready, *self._args.certificates_after]
        networks = [(self.back, service.host)]
        networks += [(self._args.others[name].back, f"{self._name}-{service.name}") for name in service.joins]
        if service.routes or service.ports:
            networks.append((self._args.edge.front, f"{self._name}-{service.name}"))
        elif service.egress and self._out:
            networks.append((self._out, service.host))
        suffix = f"-{revision(service, self._args.fingerprints)}" if self._app.rolls(service) else ""
        upgrades = [self._upgrades[name] for name in service.after if name in self._upgrades]
        return container(
            f"{self._name}-{service.host}{suffix}",
            self._args.host,
            ContainerArgs(
                image=self._images[service.image],
                memory=service.memory,
                confinement=service.confinement,
                networks=networks,
                environment=[
                    Output.concat(name, "=", self.secrets.value(value))
                    for name, value in service.environment.items()
                ],
                command=service.command,
                volumes=self._mounts(service),
                ports=[
                    docker.ContainerPortArgs(
                        internal=port.port,
                        external=port.port,
                        protocol=port.protocol,
                        ip=None if self._args.host.is_public else "127.0.0.1",
                    )
                    for port in service.ports
                ],
                labels=self._labels(service),
                health=service.health,
                startup=service.startup,
                stop=service.stop,
                shared_memory=service.shared_memory,
                before=[upgrade.before for upgrade in upgrades],
                failed=[upgrade.failed for upgrade in upgrades],
            ),
            ResourceOptions(
                parent=self,
                depends_on=[*prepared, *before],
                # Its name before services had generations: two servers on one volume would destroy it.
                aliases=[Alias(name=f"{self._name}-{service.name}")] if service.generation else None,
            ),
        )

    def _labels(self, service: Service) -> dict[str, str]:
        labels = {"homeport.app": self._name, "homeport.service": service.name}
        if service.generation:
            labels["homeport.generation"] = service.generation
        for name in service.after:
            if name in self._upgrades:
                labels["homeport.uses"] = self._app.service(name).host
        return labels

    def _mounts(self, service: Service) -> list[docker.ContainerVolumeArgs]:
        mounts = [
            docker.ContainerVolumeArgs(
                volume_name=self._volumes[mount.volume.name].name,
                container_path=mount.path,
                read_only=mount.read_only,
            )
            for mount in service.mounts
        ]
        mounts += [
            docker.ContainerVolumeArgs(host_path=folder, container_path=path, read_only=True)
            for folder, path in service.machine_folders
        ]
        # Not every computer of one's own keeps them there; Docker would make a folder of that name.
        if service.machine_roots and self._args.host.is_public:
            mounts.append(docker.ContainerVolumeArgs(host_path=_ROOTS, container_path=_ROOTS, read_only=True))
        return mounts

    def _proxy_environment(self, service: Service) -> dict[str, EnvironmentValue]:
        """What nginx-proxy and acme-companion read from a container."""
        if not service.routes:
            return {}
        route = service.routes[0]
        hostnames = ",".join(route.hostname for route in service.routes)
        environment: dict[str, EnvironmentValue] = {
            "VIRTUAL_HOST": hostnames,
            "VIRTUAL_PORT": str(route.port),
        }
        if route.path != "/":
            environment["VIRTUAL_PATH"] = route.path
        certificate = self._args.edge.settings.certificate
        if isinstance(certificate, AcmeSettings):
            # Each container of the app asks for one and the same certificate: acme-companion takes it away
            # when nobody asks, and makes it anew, at the cost of rate limits, when the lists differ.
            environment["ACME_HOST"] = ",".join(self._app.hostnames)
            if certificate.email:
                environment["ACME_EMAIL"] = certificate.email
        return environment
