"""A virtual machine on Google Compute Engine that runs containers and can be replaced at will."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pulumi_gcp as gcp
from pulumi import Alias, ComponentResource, Output, ResourceOptions

from components.host import compute
from components.host.advice import advice
from components.host.boot_disk import never_smaller
from components.host.bootstrap import DATA_DEVICE, DATA_DEVICE_NAME, Bootstrap, await_ready
from components.host.data_disk import DataDisk, named_in
from components.host.deploy_key import DeployKey, DeployKeyArgs
from components.host.deployment import Deployment
from components.host.google_api_names import COMPUTE_ENGINE, IAM
from components.host.google_apis import GoogleApis
from components.host.network import GceNetwork, GceNetworkArgs
from components.host.settings import FirewallPort, GceSettings
from components.host.shell import Command, Script, script
from components.logs import GoogleLogs, LogSettings
from components.workload import App

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class GceHostArgs:
    """The machine's settings, and what the apps on it need of it."""

    settings: GceSettings
    apps: Sequence[App]
    """For the ports they publish past the reverse proxy."""
    logs: LogSettings
    """Where the containers' logs go."""
    apis: GoogleApis
    """The APIs of Google Cloud that are switched on here."""
    stack: str
    """Names the folder of this computer that the keys are written to."""

    @property
    def ports(self) -> list[FirewallPort]:
        """Every port to open besides 80, 443 and SSH."""
        published = (port for app in self.apps for port in app.published_ports)
        return [
            *self.settings.ports,
            *(FirewallPort(port=port.port, protocol=port.protocol) for port in published),
        ]

    @property
    def key_directory(self) -> Path:
        """Where the keys that reach the machine are written on this computer."""
        return Path(self.settings.ssh.directory).expanduser() / self.stack


class GceHost(ComponentResource):
    """Network, static address, data disk with snapshots, machine, and the bootstrap awaited to its end.

    The machine is cattle, the data disk is not: everything that lasts is on the disk, which is
    protected and attached to whatever machine the settings describe.
    """

    docker_socket = "/var/run/docker.sock"
    # The network is one of IPv4 only, so the machine has no IPv6 address and its names no AAAA record.
    ipv6 = None
    is_public = True
    has_timers = True

    def __init__(self, name: str, args: GceHostArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("homeport:host:GceHost", name, None, opts)
        settings = args.settings
        self.logs = args.logs
        compute_engine = args.apis.needed(COMPUTE_ENGINE)
        self._network = GceNetwork(
            name,
            GceNetworkArgs(
                region=settings.region,
                ssh_from=settings.ssh.allow_from,
                after=compute_engine,
                ports=args.ports,
            ),
            ResourceOptions(parent=self),
        )
        self._static_address = compute.Address(
            name, region=settings.region, opts=ResourceOptions(parent=self, depends_on=compute_engine)
        )
        self.address = self._static_address.address
        self._key = DeployKey(
            f"{name}-key",
            DeployKeyArgs(args.key_directory, self.address, settings.ssh.user),
            ResourceOptions(parent=self),
        )
        advised = advice(remote=True)
        self.shell = replace(self._key.shell, failed=[advised.hook(f"{name}-script-advice")])
        data = DataDisk(name, settings, self, compute_engine)
        if settings.moved_from:
            disk = data.moved(settings.moved_from, self._rest(name, settings, settings.moved_from))
        else:
            disk = data.here()
        data.schedule_snapshots(disk)
        self.disk = disk.id
        bootstrap = self._key.host_key.apply(
            lambda host_key: Bootstrap(
                settings.ssh.user,
                settings.swap,
                settings.docker,
                settings.data_disk,
                settings.boot_disk,
                host_key,
            )
        )
        # Without a role of its own; what needs one grants it to this account, and no more than that one.
        account = gcp.serviceaccount.Account(
            name,
            account_id=name,
            display_name=f"Homeport machine {name}",
            opts=ResourceOptions(parent=self, depends_on=args.apis.needed(IAM)),
        )
        self.service_account = account.email
        self.project = account.project
        self.instance = self._instance(name, settings, disk, bootstrap.apply(lambda value: value.script))
        self.incarnation = Output.format("{}/{}", self.instance.instance_id, settings.machine_type)
        bootstrap_hash = bootstrap.apply(lambda value: value.hash)
        ready = self.shell.run(
            named_in(f"{name}-ready", settings.zone),
            Script(
                create=await_ready(bootstrap_hash),
                triggers=[self.incarnation, bootstrap_hash],
                root=True,
            ),
            # Deleted first: a bootstrap that failed is then waited for again whatever the settings are by
            # then, while a failed update of this would be taken for one that never was.
            ResourceOptions(
                parent=self,
                depends_on=[self.instance],
                delete_before_replace=True,
                # Its name in the state of an earlier release, of the machine in the old zone.
                aliases=[] if settings.moved_from else [Alias(name=f"{name}-ready")],
            ),
        )
        self.ready = [ready]
        if settings.moved_from:
            self.ready.append(self._arrival(name, settings, settings.moved_from, ready))
        # No container starts where its log driver is refused.
        if isinstance(args.logs, GoogleLogs):
            self.ready.append(self._log_writer(name, account, ready))
        self.provider = self._key.provider(name, ResourceOptions(parent=self))
        self.ssh_command = self._key.command
        self.deployment = Deployment(name, self.shell, advised, ResourceOptions(parent=self))
        self.register_outputs({"address": self.address})

    def _log_writer(self, name: str, account: gcp.serviceaccount.Account, ready: Command) -> Command:
        """A resource that exists once Cloud Logging takes entries from the machine."""
        role = gcp.projects.IAMMember(
            f"{name}-log-writer",
            project=account.project,
            role="roles/logging.logWriter",
            member=account.member,
            opts=ResourceOptions(parent=self),
        )
        return self.shell.run(
            f"{name}-log-writer",
            Script(create=(_FOLDER / "await_logging.sh").read_text(), triggers=[role.id]),
            ResourceOptions(parent=self, depends_on=[ready]),
        )

    def _rest(self, name: str, settings: GceSettings, zone: str) -> Command:
        """A resource that exists once the machine in the old zone writes nothing more to its disk.

        It takes the place of that machine's readiness: without `movedFrom`, readiness takes its place, and
        whatever became of the move, the machine of the old zone is brought back.
        """
        variables = {"from": zone, "to": settings.zone, "device": DATA_DEVICE}
        return self.shell.run(
            named_in(f"{name}-ready", zone),
            Script(create=script(_FOLDER / "rest.sh", **variables), root=True),
            ResourceOptions(parent=self, delete_before_replace=True, aliases=[Alias(name=f"{name}-ready")]),
        )

    def _arrival(self, name: str, settings: GceSettings, zone: str, ready: Command) -> Command:
        """A resource that exists once a machine has run with the moved disk, and is protected.

        So a move that failed before is undone by the settings of before, and one that was made is not: the
        old disk lacks what was written since.
        """
        return self.shell.run(
            f"{name}-moved-{zone[-1]}-{settings.zone[-1]}",
            Script(create=script(_FOLDER / "arrive.sh", **{"from": zone}), root=True),
            ResourceOptions(parent=self, depends_on=[ready], protect=True),
        )

    def _instance(
        self,
        name: str,
        settings: GceSettings,
        disk: compute.Disk,
        startup_script: Output[str],
    ) -> compute.Instance:
        ssh_keys = self._key.public_key.apply(
            lambda deploy_key: "\n".join(
                f"{settings.ssh.user}:{key}" for key in (deploy_key, *settings.ssh.authorized_keys)
            )
        )
        return compute.Instance(
            name,
            zone=settings.zone,
            machine_type=settings.machine_type,
            tags=self._network.tags,
            boot_disk=compute.InstanceBootDiskArgs(
                initialize_params=compute.InstanceBootDiskInitializeParamsArgs(
                    image=settings.image, size=settings.boot_disk, type=settings.disk_type
                )
            ),
            attached_disks=[
                compute.InstanceAttachedDiskArgs(source=disk.self_link, device_name=DATA_DEVICE_NAME)
            ],
            network_interfaces=[
                compute.InstanceNetworkInterfaceArgs(
                    subnetwork=self._network.subnetwork.id,
                    access_configs=[compute.InstanceNetworkInterfaceAccessConfigArgs(nat_ip=self.address)],
                )
            ],
            # As metadata, not `metadata_startup_script`: a change of that one replaces the machine.
            metadata={
                "startup-script": startup_script,
                "ssh-keys": ssh_keys,
                "homeport-host-key": self._key.host_private_key,
                "enable-oslogin": "FALSE",
                "block-project-ssh-keys": "TRUE",
            },
            service_account=compute.InstanceServiceAccountArgs(
                email=self.service_account, scopes=["https://www.googleapis.com/auth/cloud-platform"]
            ),
            shielded_instance_config=compute.InstanceShieldedInstanceConfigArgs(
                enable_secure_boot=True, enable_vtpm=True, enable_integrity_monitoring=True
            ),
            allow_stopping_for_update=True,
            # A new machine needs the old one's address and disk, so the old one has to go first.
            opts=ResourceOptions(parent=self, delete_before_replace=True, hooks=never_smaller()),
        )
