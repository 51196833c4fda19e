"""The machine that the containers run on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pulumi import Output, Resource

from components import docker
from components.host.deployment import Deployment
from components.host.shell import Shell
from components.logs import LogSettings


class Host(Protocol):
    """What the edge and the apps need of a machine."""

    @property
    def provider(self) -> docker.Provider:
        """Its Docker engine. It says where that is, and may be there before the machine is: see `ready`."""
        ...

    @property
    def ready(self) -> Sequence[Resource]:
        """What must exist before Docker is asked for anything or a script runs there.

        Everything on the machine depends on it. The provider does not, since it takes a while to start: the
        engine starts it while the program still waits for the machine.
        """
        ...

    @property
    def address(self) -> Output[str]:
        """Its public IPv4 address."""
        ...

    @property
    def ipv6(self) -> Output[str] | None:
        """Its public IPv6 address; None where it has none."""
        ...

    @property
    def service_account(self) -> Output[str] | None:
        """E-mail of the Google Cloud account that the machine acts as; None where it has none."""
        ...

    @property
    def logs(self) -> LogSettings:
        """Where its containers' logs go."""
        ...

    @property
    def shell(self) -> Shell:
        """Where scripts run."""
        ...

    @property
    def deployment(self) -> Deployment:
        """Names and marks of this deployment's containers."""
        ...

    @property
    def docker_socket(self) -> str:
        """Path of the Docker engine's socket on the machine."""
        ...

    @property
    def incarnation(self) -> Output[str]:
        """Another text whenever the machine is another one or was started anew by a change."""
        ...

    @property
    def is_public(self) -> bool:
        """Whether the internet can reach it, so that names and certificates make sense."""
        ...

    @property
    def has_timers(self) -> bool:
        """Whether it runs scripts at set times, with systemd."""
        ...

    @property
    def ssh_command(self) -> Output[str]:
        """The command line that opens a shell on it; empty where there is none."""
        ...
