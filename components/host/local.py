"""The Docker engine of the user's own computer, as the place where the containers run."""

from __future__ import annotations

from pulumi import ComponentResource, Output, ResourceOptions

from components import docker
from components.host.deployment import Deployment
from components.host.settings import LocalSettings
from components.host.shell import LocalShell
from components.logs import LogSettings


class LocalHost(ComponentResource):
    """A Docker engine that is there already; nothing is installed and no port is opened by us."""

    ipv6 = None
    service_account = None
    ready = ()
    is_public = False
    has_timers = False

    def __init__(
        self,
        name: str,
        settings: LocalSettings,
        logs: LogSettings,
        opts: ResourceOptions | None = None,
    ) -> None:
        super().__init__("homeport:host:LocalHost", name, None, opts)
        self.logs = logs
        self.address = Output.from_input("127.0.0.1")
        self.shell = LocalShell({"DOCKER_HOST": settings.docker_host})
        self.provider = docker.Provider(name, host=settings.docker_host, opts=ResourceOptions(parent=self))
        self.deployment = Deployment(name, self.shell, ResourceOptions(parent=self))
        self.docker_socket = settings.docker_host.removeprefix("unix://")
        if not settings.docker_host.startswith("unix://"):
            self.docker_socket = "/var/run/docker.sock"
        self.incarnation = Output.from_input("local")
        self.ssh_command = Output.from_input("")
        self.register_outputs({"address": self.address})
