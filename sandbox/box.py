"""A cloud in a box: one network as the internet, and one container with what a cloud has around machines.

Everything of a box carries the label `homeport.sandbox=<name>`; nothing else is ever touched.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import secrets
import shutil
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from sandbox import machine
from sandbox.authority import Authority
from sandbox.box_description import Description
from sandbox.cloud import NEW_PROJECT_APIS, Cloud
from sandbox.images.build import all_built
from sandbox.images.catalogue import CLOUD, MACHINE, ImageSource
from sandbox.mail_account import HOSTS, MailAccount
from sandbox.object_account import HOST, ObjectAccount
from sandbox.registry import PORT, SHARED, VOLUME, Registry, registry_folder
from sandbox.subnets import SUBNETS, free_subnets, taken_subnets
from tools.interruptible import deferred
from tools.progress import SetupError, say, step
from tools.tls_contexts import strict_context

LABEL = "homeport.sandbox"
METADATA = "169.254.169.254"
ACME = "acme.sandbox.test"
OTHER_ACME = "other-acme.sandbox.test"
"""The same authority under another name: to whoever asks, another authority."""
_ANSWERS = ["test", "-e", "/dev/shm/answering"]
"""Succeeds in the cloud's container once all of its servers answer. It is asked only at the start: a health
check each second would cost more than what it checks."""
_ANSWER_SECONDS = 60.0
_BOOT_SECONDS = 300.0


@dataclass(frozen=True)
class StoreAddresses:
    """Where the stores listen: in the cloud's container, each at an address of its own."""

    google: str
    s3: str
    monitoring: str

    @classmethod
    def within(cls, subnet: ipaddress.IPv4Network) -> StoreAddresses:
        """Those of a box with that network: after the gateway's and the cloud's."""
        return cls(str(subnet[3]), str(subnet[4]), str(subnet[5]))


class Box:
    """The sandbox of one folder. Its machines boot the image `machine`."""

    def __init__(
        self,
        directory: Path,
        client: docker.DockerClient | None = None,
        machine: ImageSource = MACHINE,
    ) -> None:
        self.directory = directory.absolute()
        # Two checkouts on one computer have each its own `demo`.
        self.name = f"{directory.name}-{hashlib.sha256(str(self.directory).encode()).hexdigest()[:6]}"
        self.client = client or docker.from_env(timeout=600)
        self.labels = {LABEL: self.name}
        self._machine = machine
        self.authority = Authority(self.directory / "ca")
        self.registry = Registry(registry_folder(self.directory), self.client)

    @property
    def acme_root(self) -> Path:
        """PEM file with the roots that the ACME authority's certificates chain to, its present one first."""
        return self.directory / "ca" / "acme-root.pem"

    @property
    def mail_folder(self) -> Path:
        """Where the mail relay keeps what it gets; `sandbox.mail_sink` reads it."""
        return self.directory / "mail"

    @property
    def stores_folder(self) -> Path:
        """Where the stores keep what they get; `sandbox.stores` and `sandbox.metrics` read it."""
        return self.directory / "stores"

    @property
    def store_addresses(self) -> StoreAddresses:
        """Where the object stores of this box listen. `SetupError` before it was started."""
        subnet = Description.read(self.directory).subnet
        return StoreAddresses.within(ipaddress.IPv4Network(subnet))

    def start(
        self,
        zones: tuple[str, ...] = ("homeport.test",),
        mail: MailAccount | None = None,
        objects: ObjectAccount | None = None,
    ) -> Description:
        """Start it with these DNS zones and accounts, or leave alone what runs.

        Args:
            zones: DNS zones that its owner has.
            mail: The account at the mail relay.
            objects: The account and the buckets of the S3-compatible store.
        """
        if self._leaving.exists():
            self.stop()
        self.directory.mkdir(parents=True, exist_ok=True)
        machine_image, cloud_image = all_built(self.client, ((self._machine, None), (CLOUD, None)))
        network, subnet = self._network()
        description = Description(
            name=self.name,
            network=network,
            subnet=str(subnet),
            cloud_container=f"homeport-{self.name}-cloud",
            cloud_address=str(subnet[2]),
            acme_directory=f"https://{ACME}:14000/dir",
            machine_image=machine_image,
        )
        (self.directory / "box.json").write_text(json.dumps(asdict(description), indent=2))
        self._certificates(description.cloud_address)
        cloud = Cloud(self.directory)
        cloud.switch_on(*NEW_PROJECT_APIS)
        for zone in zones:
            cloud.ensure_zone(zone)
        self.mail_folder.mkdir(exist_ok=True)
        self.stores_folder.mkdir(exist_ok=True)
        self.registry.stop()
        self.registry = Registry(registry_folder(self.directory), self.client)
        self.registry.prepare()
        self.client.volumes.create(VOLUME, labels=SHARED)
        accounts = {**(mail or MailAccount()).environment(), **(objects or ObjectAccount()).environment()}
        container = self._container(description, cloud_image, accounts)
        self._await_answers(container)
        self.registry.serve(f"127.0.0.1:{container.ports[PORT][0]['HostPort']}")
        self._fetch_acme_root(description)
        for found in self.client.containers.list(filters={"label": [f"{LABEL}={self.name}", machine.LABEL]}):
            self._renew_trust(found)
        return description

    def is_running(self) -> bool:
        """Whether the cloud of this box runs."""
        found = self.client.containers.list(filters={"label": f"{LABEL}={self.name}", "name": "-cloud$"})
        return bool(found)

    def stop(self) -> None:
        """Remove every container, volume and network of this box, and its folder.

        Ctrl-C waits for the end, which is seconds away; a second one leaves the rest to the next one.
        """
        with deferred(lambda: say("Ctrl-C: the removal is finished first; press it again to cut it off")):
            if self.directory.exists():
                self._leaving.touch()
            self._remove()

    @property
    def _leaving(self) -> Path:
        """A file that says that the removal has begun: what the state holds may be gone."""
        return self.directory / "removal-has-begun"

    def _remove(self) -> None:
        self.registry.stop()
        owned = {"label": f"{LABEL}={self.name}"}
        containers = self.client.containers.list(all=True, filters=owned)
        for container in containers:
            if container.labels.get(machine.LABEL):
                machine.swap_off(container)
        for container in containers:
            container.remove(force=True, v=True)
        for volume in self.client.volumes.list(filters=owned):
            if volume.attrs["Labels"].get(machine.DISK_LABEL):
                machine.detach(self.client, volume.name)
            else:
                machine.release_swap(self.client, volume.name)
            machine.remove_volume(self.client, volume.name)
        for network in self.client.networks.list(filters=owned):
            network.remove()
        shutil.rmtree(self.directory, ignore_errors=True)
        if self.directory.exists():
            raise SetupError(
                f"the box is gone, but for files that this user may not remove: sudo rm -r {self.directory}"
            )

    def _network(self) -> tuple[str, ipaddress.IPv4Network]:
        name = f"homeport-{self.name}-internet"
        try:
            found = self.client.networks.get(name)
            return name, ipaddress.IPv4Network(found.attrs["IPAM"]["Config"][0]["Subnet"])
        except NotFound:
            pass
        for subnet in free_subnets(taken_subnets(self.client)):
            pool = docker.types.IPAMPool(
                subnet=str(subnet),
                gateway=str(subnet[1]),
                # Docker gives them to nobody else.
                aux_addresses=asdict(StoreAddresses.within(subnet)),
            )
            try:
                self.client.networks.create(
                    name,
                    driver="bridge",
                    ipam=docker.types.IPAMConfig(pool_configs=[pool]),
                    labels=self.labels,
                )
            except APIError as problem:
                # Another box may have taken it meanwhile.
                if "overlap" in str(problem).lower():
                    continue
                raise
            return name, ipaddress.IPv4Network(subnet)
        raise SetupError(f"no free network in {SUBNETS}: remove Docker networks that are not used")

    def _certificates(self, cloud_address: str) -> None:
        self.authority.create()
        folder = self.directory / "ca" / "servers"
        folder.mkdir(exist_ok=True)
        # By its address this computer can ask the registry, too.
        registries = ["registry-1.docker.io", "index.docker.io", "auth.docker.io", "ghcr.io", cloud_address]
        for name, hosts in (
            ("registry", registries),
            ("acme", [ACME, OTHER_ACME]),
            ("mail", list(HOSTS)),
            ("google", ["storage.googleapis.com", "www.googleapis.com"]),
            ("monitoring", ["monitoring.googleapis.com"]),
            ("s3", [HOST]),
        ):
            self.authority.issue(folder / name, hosts)
        # The metadata server signs the tokens that the stores take.
        tokens = folder / "tokens.key"
        if not tokens.exists():
            tokens.touch(mode=0o600)
            tokens.write_bytes(secrets.token_bytes(32))

    def _container(self, description: Description, image: str, accounts: Mapping[str, str]) -> Container:
        stores = self.store_addresses
        environment = {
            "ADDRESS": description.cloud_address,
            "GOOGLE_ADDRESS": stores.google,
            "S3_ADDRESS": stores.s3,
            "MONITORING_ADDRESS": stores.monitoring,
            "UPSTREAM": "127.0.0.11",
            **accounts,
        }
        labels = {
            **self.labels,
            # Its servers read their certificates when they start.
            "homeport.authority": self.authority.identifier,
        }
        try:
            found = self.client.containers.get(description.cloud_container)
            config = found.attrs["Config"]
            same = config["Image"] == image and labels.items() <= found.labels.items()
            told = {f"{name}={value}" for name, value in environment.items()} <= set(config["Env"])
            if same and told and found.status == "running":
                return found
            found.remove(force=True, v=True)
        except NotFound:
            pass
        host_config = self.client.api.create_host_config(
            binds=[
                f"{self.directory / 'cloud'}:/srv/cloud:ro",
                f"{self.directory / 'ca' / 'servers'}:/run/cloud:ro",
                f"{self.mail_folder}:/srv/mail",
                f"{self.stores_folder}:/srv/stores",
                f"{self.registry.folder}:/srv/registry",
                f"{VOLUME}:/var/lib/registry",
            ],
            port_bindings={PORT: ("127.0.0.1", None)},
            cap_add=["NET_ADMIN"],
            network_mode=description.network,
        )
        endpoint = self.client.api.create_endpoint_config(ipv4_address=description.cloud_address)
        created = self.client.api.create_container(
            image,
            name=description.cloud_container,
            environment=environment,
            ports=[(5000, "tcp")],
            labels=labels,
            host_config=host_config,
            networking_config=self.client.api.create_networking_config({description.network: endpoint}),
        )
        container = self.client.containers.get(created["Id"])
        container.start()
        return container

    def _await_answers(self, container: Container) -> None:
        with step("Sandbox: start DNS, certificate authority and registry"):
            deadline = time.monotonic() + _ANSWER_SECONDS
            while True:
                container.reload()
                if container.status == "running" and container.exec_run(_ANSWERS).exit_code == 0:
                    return
                if container.status != "running" or time.monotonic() > deadline:
                    log = container.logs(tail=30).decode(errors="replace")
                    raise SetupError(f"the sandbox's cloud did not start:\n{log}")
                time.sleep(0.2)

    def _renew_trust(self, running: Container) -> None:
        """Boot a machine again that knows only an older root: it learns roots when it boots."""
        certificate = self.authority.certificate.read_text().splitlines()[1]
        known = ["grep", "--quiet", "--fixed-strings", certificate, "/etc/ssl/certs/ca-certificates.crt"]
        if running.exec_run(known).exit_code == 0:
            return
        with step(f"Sandbox: boot {running.name}, which does not know the new root", expect="once"):
            machine.swap_off(running)
            running.restart(timeout=30)
            deadline = time.monotonic() + _BOOT_SECONDS
            booted = ["systemctl", "is-system-running", "--wait"]
            while running.exec_run(booted).output.strip() not in (b"running", b"degraded"):
                if time.monotonic() > deadline:
                    raise SetupError(
                        f"{running.name} did not boot with the new root: docker logs {running.name}"
                    )
                time.sleep(0.5)

    def _fetch_acme_root(self, description: Description) -> None:
        """The authority makes its issuing root anew at each start, and tells it over its management API.

        A machine goes on to show what an older one signed, so those stay trusted as long as the box is there.
        """
        context = strict_context(self.authority.certificate)
        context.check_hostname = False
        url = f"https://{description.cloud_address}:15000/roots/0"
        with urllib.request.urlopen(url, context=context, timeout=10) as answer:
            present = answer.read()
        known = self.acme_root.read_bytes() if self.acme_root.exists() else b""
        if present not in known:
            self.acme_root.write_bytes(present + known)
