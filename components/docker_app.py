"""An `App` as Docker networks, volumes, containers and one-off jobs."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pulumi_docker as docker
import pulumi_random as random
from pulumi import ComponentResource, Output, Resource, ResourceOptions

from components.container import ContainerArgs, container
from components.edge.edge import Edge
from components.edge.settings import AcmeSettings
from components.edge.virtual_host import virtual_hosts
from components.host import Host
from components.host.shell import Command, Script, script
from components.revision import revision
from components.workload import (
    App,
    BuiltImage,
    EnvironmentValue,
    GeneratedPassword,
    Image,
    Job,
    SecretSource,
    Service,
)

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class DockerAppArgs:
    """The app and what it runs on."""

    app: App
    host: Host
    edge: Edge
    supplied: Mapping[str, Output[str]]
    """The user's secrets by name."""
    certificates_after: Sequence[Resource] = ()
    """What must exist before a container asks for a certificate: the names resolve by then."""


class DockerApp(ComponentResource):
    """One running app. `administrator_password` is a secret output, where the app has an administrator."""

    def __init__(self, name: str, args: DockerAppArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("homeport:app:DockerApp", name, None, opts)
        self._name = name
        self._args = args
        self._app = args.app
        self._child = ResourceOptions(parent=self, provider=args.host.provider)
        self._passwords = {
            secret: self._password(secret)
            for secret in args.app.secrets()
            if isinstance(secret, GeneratedPassword)
        }
        self._back = docker.Network(f"back-{name}", driver="bridge", internal=True, opts=self._child)
        self._volumes = {
            # Protected: an update that would delete data fails instead, and says which volume.
            volume.name: docker.Volume(
                f"{name}-{volume.name}",
                opts=ResourceOptions.merge(self._child, ResourceOptions(protect=True)),
            )
            for volume in args.app.volumes
        }
        self._images: dict[str, Output[str]] = {}
        prepared = [command for command in (self._ownership(), self._virtual_hosts()) if command]
        self._containers: dict[str, docker.Container] = {}
        for service in args.app.services:
            self._containers[service.name] = self._container(service, prepared)
        jobs = [self._job(job) for job in args.app.jobs]
        self.answers = self._await_https(jobs)
        self.administrator_password: Output[str] | None = None
        if args.app.administrator:
            self.administrator_password = self._secret(args.app.administrator.password)
        self.register_outputs({"url": args.app.url, "version": args.app.version})

    def _password(self, secret: GeneratedPassword) -> random.RandomPassword:
        return random.RandomPassword(
            f"{self._name}-{secret.name}",
            length=secret.length,
            special=False,
            opts=ResourceOptions(parent=self),
        )

    def _secret(self, source: SecretSource) -> Output[str]:
        if isinstance(source, GeneratedPassword):
            return self._passwords[source].result
        return self._args.supplied[source.name]

    def _value(self, value: EnvironmentValue) -> Output[str]:
        if isinstance(value, str):
            return Output.from_input(value)
        parts = [part if isinstance(part, str) else self._secret(part) for part in value.parts]
        return Output.concat(*parts)

    def _image(self, image: Image) -> Output[str]:
        if image.reference not in self._images:
            self._images[image.reference] = self._present_image(image)
        return self._images[image.reference]

    def _present_image(self, image: Image) -> Output[str]:
        if isinstance(image, BuiltImage):
            built = docker.Image(
                f"{self._name}-{image.name.rsplit('/', 1)[-1]}",
                image_name=image.reference,
                # No platform: the machine's own. Left out, the provider takes that of the deploying computer.
                build=docker.DockerBuildArgs(
                    context=str(image.context), args=dict(image.arguments), platform=""
                ),
                skip_push=True,
                opts=self._child,
            )
            return built.image_name
        repository = image.reference.rsplit(":", 1)[0].rsplit("/", 1)[-1]
        pulled = docker.RemoteImage(
            f"{self._name}-{repository}", name=image.reference, keep_locally=True, opts=self._child
        )
        return pulled.image_id

    def _ownership(self) -> Command | None:
        owned = [volume for volume in self._app.volumes if volume.owner]
        if not owned:
            return None
        volumes = Output.all(*(self._volumes[volume.name].name for volume in owned)).apply(
            lambda names: "\n".join(
                f"{name} {volume.owner}" for name, volume in zip(names, owned, strict=True)
            )
        )
        return self._args.host.shell.run(
            f"{self._name}-ownership",
            Script(script(_FOLDER / "ownership.sh", image=self._args.edge.shell_image, volumes=volumes)),
            ResourceOptions(parent=self),
        )

    def _virtual_hosts(self) -> Command | None:
        if not self._app.routes:
            return None
        return virtual_hosts(
            f"{self._name}-virtual-hosts",
            self._args.edge,
            self._args.host.shell,
            self._app.routes,
            ResourceOptions(parent=self, depends_on=self._args.edge.ready),
        )

    def _container(self, service: Service, prepared: Sequence[Resource]) -> docker.Container:
        # Before its revision is made: what the proxy is told changes the container like any variable.
        service = replace(service, environment={**service.environment, **self._proxy_environment(service)})
        before: list[Resource] = [self._containers[name] for name in service.after]
        if service.routes:
            before += [*self._args.edge.ready, *self._args.certificates_after]
        networks = [(self._back, service.name)]
        if service.routes or service.ports:
            networks.append((self._args.edge.front, f"{self._name}-{service.name}"))
        # Two containers cannot publish one port, so a service that does is replaced in place as well.
        in_place = service.stateful or bool(service.ports)
        suffix = "" if in_place else f"-{revision(service)}"
        return container(
            f"{self._name}-{service.name}{suffix}",
            self._args.host,
            ContainerArgs(
                image=self._image(service.image),
                memory=service.memory,
                networks=networks,
                environment=[
                    Output.concat(name, "=", self._value(value))
                    for name, value in service.environment.items()
                ],
                command=service.command,
                volumes=[
                    docker.ContainerVolumeArgs(
                        volume_name=self._volumes[mount.volume.name].name,
                        container_path=mount.path,
                        read_only=mount.read_only,
                    )
                    for mount in service.mounts
                ],
                ports=[
                    docker.ContainerPortArgs(
                        internal=port.port,
                        external=port.port,
                        protocol=port.protocol,
                        ip=None if self._args.host.is_public else "127.0.0.1",
                    )
                    for port in service.ports
                ],
                labels={"homeport.app": self._name, "homeport.service": service.name},
                health=service.health,
                startup=service.startup,
                stop=service.stop,
            ),
            ResourceOptions(parent=self, depends_on=[*prepared, *before]),
        )

    def _proxy_environment(self, service: Service) -> dict[str, EnvironmentValue]:
        """What nginx-proxy and acme-companion read from a container. One route per service."""
        if not service.routes:
            return {}
        (route,) = service.routes
        environment: dict[str, EnvironmentValue] = {
            "VIRTUAL_HOST": route.hostname,
            "VIRTUAL_PORT": str(route.port),
        }
        if route.path != "/":
            environment["VIRTUAL_PATH"] = route.path
        certificate = self._args.edge.settings.certificate
        if isinstance(certificate, AcmeSettings):
            environment |= {"ACME_HOST": route.hostname, "ACME_EMAIL": certificate.email}
        return environment

    def _job(self, job: Job) -> Command:
        words = Output.all(*(self._value(word) for word in job.command)).apply(shlex.join)
        return self._args.host.shell.run(
            f"{self._name}-{job.name}",
            Script(
                script(
                    _FOLDER / "job.sh",
                    app=self._name,
                    service=job.service,
                    command=words,
                    done_before=job.done_before,
                ),
            ),
            # Once is once: a script that changes later must not run again on an app with users.
            ResourceOptions(
                parent=self, depends_on=[self._containers[job.service]], ignore_changes=["stdin", "create"]
            ),
        )

    def _await_https(self, jobs: Sequence[Resource]) -> Command | None:
        certificate = self._args.edge.settings.certificate
        if not isinstance(certificate, AcmeSettings) or not self._app.hostnames:
            return None
        routed = [self._containers[service.name] for service in self._app.services if service.routes]
        return self._args.host.shell.run(
            f"{self._name}-https",
            Script(
                script(
                    _FOLDER / "edge" / "await_https.sh",
                    names=" ".join(self._app.hostnames),
                    wait=str(certificate.wait),
                    trusted="1" if certificate.trusted else "0",
                ),
                triggers=[self._args.host.incarnation, *(container.id for container in routed)],
            ),
            ResourceOptions(parent=self, depends_on=[*routed, *jobs]),
        )
