"""A Docker container as Homeport wants every one of them to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi import ErrorHook, Input, ResourceHook, ResourceHookBinding, ResourceOptions

from components import docker
from components.confinement import Confinement
from components.host.deployment import LABEL
from components.host.host import Host
from components.logs import log_driver
from components.workload import Health, Memory

# The Docker provider changes none of them on a container that exists, and reports success. "#initerror"
# is Pulumi's word for a resource that was created and did not become usable.
_REPLACING = ["healthcheck", "tmpfs", "#initerror"]


@dataclass(frozen=True)
class ContainerArgs:
    """What differs from container to container."""

    image: Input[str]
    """Id or reference of an image that is on the machine."""
    memory: Memory
    confinement: Confinement
    networks: Sequence[tuple[docker.Network, str]]
    """Each with the alias by which its other members find the container."""
    health: Health | None
    """None: the health check of the image."""
    environment: Sequence[Input[str]] = ()
    """`NAME=value` each."""
    entrypoint: Sequence[str] = ()
    """In place of the image's. Docker then takes no command of the image either: `command` must say it."""
    command: Sequence[Input[str]] = ()
    volumes: Sequence[docker.ContainerVolumeArgs] = ()
    ports: Sequence[docker.ContainerPortArgs] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    uploads: Sequence[docker.ContainerUploadArgs] = ()
    reservation: int | None = None
    """MiB below which the kernel leaves its memory alone when others need some."""
    startup: int = 120
    """Seconds until it must be healthy."""
    stop: int = 10
    """Seconds between the signal that stops it and SIGKILL."""
    stop_signal: str | None = None
    """What stops it. It must be said, even if it is the image's own, where other signals are sent to it: with
    none, Docker takes any of them for a stop by hand and does not restart the container when it dies
    (`killWithSignal` in moby's daemon/kill.go; moby#41302)."""
    shared_memory: int = 64
    """MiB."""
    before: Sequence[ResourceHook] = ()
    """What is done just before it is made; a failure fails it."""
    failed: Sequence[ErrorHook] = ()
    """What is done once it could not be made or did not become healthy."""


def container(name: str, host: Host, args: ContainerArgs, opts: ResourceOptions) -> docker.Container:
    """A container that is created when it is healthy, restarts by itself and logs as the host says."""
    deployment = host.deployment
    logs = log_driver(
        host.logs,
        deployment.stack,
        args.labels.get("homeport.app", "edge"),
        args.labels.get("homeport.service") or args.labels.get("homeport.role", name),
    )
    confinement = args.confinement
    labels: dict[str, Input[str]] = {**args.labels, **confinement.labels, LABEL: deployment.label}
    return docker.Container(
        name,
        name=deployment.name(name),
        image=args.image,
        envs=list(args.environment),
        entrypoints=list(args.entrypoint) or None,
        command=list(args.command) or None,
        networks_advanced=[
            docker.ContainerNetworksAdvancedArgs(name=network.name, aliases=[alias])
            for network, alias in args.networks
        ],
        volumes=[
            *args.volumes,
            # Without a name: Docker makes one for this container, and the provider removes it with it.
            *(docker.ContainerVolumeArgs(container_path=path) for path in confinement.scratch),
        ],
        ports=list(args.ports),
        labels=[docker.ContainerLabelArgs(label=label, value=value) for label, value in labels.items()],
        uploads=list(args.uploads),
        healthcheck=_healthcheck(args.health) if args.health else None,
        wait=True,
        wait_timeout=args.startup,
        # Not "unless-stopped": Docker takes the signal that has nginx reload for a stop by hand, and would
        # leave the proxy down after the machine's next start (seen with Docker 20.10).
        restart="always",
        memory=args.memory.limit,
        memory_swap=args.memory.limit + args.memory.swap,
        memory_reservation=args.reservation,
        shm_size=args.shared_memory,
        log_driver=logs.name,
        log_opts=logs.options,
        user=confinement.user,
        read_only=confinement.read_only,
        tmpfs=confinement.tmpfs or None,
        capabilities=docker.ContainerCapabilitiesArgs(
            adds=list(confinement.capabilities) or None, drops=["ALL"]
        ),
        security_opts=["no-new-privileges:true"],
        destroy_grace_seconds=args.stop,
        stop_signal=args.stop_signal,
        stop_timeout=args.stop,
        opts=ResourceOptions.merge(
            opts,
            ResourceOptions(
                provider=host.provider,
                hooks=ResourceHookBinding(
                    before_create=[deployment.leftover, *args.before],
                    on_error=[deployment.explanation, *args.failed],
                ),
                replace_on_changes=_REPLACING,
                delete_before_replace=True,
            ),
        ),
    )


def _healthcheck(health: Health) -> docker.ContainerHealthcheckArgs:
    return docker.ContainerHealthcheckArgs(
        tests=["CMD", *health.command],
        interval=_duration(health.interval),
        timeout=_duration(health.timeout),
        retries=health.retries,
        start_period=_duration(health.start_period),
    )


def _duration(seconds: int) -> str:
    """As Docker tells it later: the provider takes `60s` and `1m0s` for two values, for ever."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
