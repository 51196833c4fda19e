"""gcp:compute: machines."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from sandbox import docker_sdk as docker
from sandbox.box_description import Description
from sandbox.cloud import PROJECT, Entry, Json
from sandbox.machine import MACHINE_TYPES, Machine, detach
from sandbox.providers.gcp_disk import volume_name
from sandbox.providers.gcp_network import API, NAME, REPLACES, name_failures, rules_for
from sandbox.providers.recorded import Recorded, cloud, entry, sandbox_directory
from sandbox.providers.resource import Created, Failure, Properties, Property, ProviderError, Value

IMAGES = ("debian-cloud/debian-12", "ubuntu-os-cloud/ubuntu-2404-lts-amd64")
"""Families that can be booted. Both are Debian 12 here: Ubuntu's packages cannot be had everywhere."""


class Instance(Recorded):
    """A machine. Created when it boots, not when it is ready, as Google's API has it."""

    token = "gcp:compute/instance:Instance"  # noqa: S105
    kind = "instance"
    properties = {
        "name": NAME,
        "zone": Property(required=True, replaces=True),
        "machineType": Property(required=True),
        "tags": Property(),
        "labels": Property(),
        "metadata": Property(),
        "metadataStartupScript": REPLACES,
        "bootDisk": Property(
            required=True,
            replaces=True,
            fields={
                "autoDelete": Property(),
                "initializeParams": Property(
                    fields={"image": Property(required=True), "size": Property(), "type": Property()}
                ),
            },
        ),
        "attachedDisks": Property(
            fields={"source": Property(required=True), "deviceName": Property(), "mode": Property()}
        ),
        "networkInterfaces": Property(
            required=True,
            fields={
                "network": Property(),
                "subnetwork": Property(),
                "accessConfigs": Property(fields={"natIp": Property(), "networkTier": Property()}),
            },
        ),
        "serviceAccount": Property(fields={"email": Property(), "scopes": Property(required=True)}),
        "shieldedInstanceConfig": Property(
            fields={
                name: Property() for name in ("enableSecureBoot", "enableVtpm", "enableIntegrityMonitoring")
            }
        ),
        "allowStoppingForUpdate": Property(),
        "deletionProtection": Property(),
        "canIpForward": REPLACES,
        "hostname": REPLACES,
        "description": REPLACES,
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        wrong = name_failures(inputs)
        if inputs["machineType"] not in MACHINE_TYPES:
            wrong.append(
                Failure(
                    "machineType",
                    f"the sandbox knows {', '.join(MACHINE_TYPES)}, not {inputs['machineType']}",
                )
            )
        image = _image(inputs)
        if image not in IMAGES:
            wrong.append(Failure("bootDisk", f"the sandbox can boot {', '.join(IMAGES)}, not {image}"))
        short = [scope for scope in _scopes(inputs) if not str(scope).startswith("https://")]
        if short:
            wrong.append(Failure("serviceAccount", f"the sandbox takes scopes as URLs, not {short[0]}"))
        return wrong

    def create(self, inputs: Properties) -> Created:
        records = cloud()
        address = _address(inputs)
        disks = _attached(inputs)
        for name, other in records.all("instance").items():
            if other.get("address") == address:
                raise ProviderError(f"Error 400: the external IP is in use by the instance '{name}'")
            held = other.get("disks")
            if isinstance(held, dict) and set(held.values()) & set(disks.values()):
                raise ProviderError(f"Error 400: the disk is attached to the instance '{name}'")
        for disk in disks.values():
            found = records.get("disk", disk)
            if found is None or found["zone"] != inputs["zone"]:
                where = f"is in {found['zone']}" if found else "was not found"
                raise ProviderError(
                    f"Error 400: the machine is in {inputs['zone']}, the disk '{disk}' {where}"
                )
        created: Entry = {
            **entry(inputs),
            "address": address,
            "disks": {**disks},
            "network": _network(inputs),
            "serviceAccount": _email(inputs),
            "scopes": _scopes(inputs),
            "instanceId": str(int.from_bytes(secrets.token_bytes(7), "big")),
        }
        with records.changing() as kinds:
            kinds.setdefault(self.kind, {})[str(inputs["name"])] = created
        client, box = docker.from_env(timeout=120), Description.read(sandbox_directory())
        self._boot(client, box, created)
        return self._created(inputs, created)

    def read(self, identifier: str, state: Properties) -> Created | None:
        name = str(state["name"])
        found = cloud().get(self.kind, name)
        client, box = docker.from_env(timeout=60), Description.read(sandbox_directory())
        machine = Machine(client, box.name, name)
        if found is None or not machine.exists():
            # A boot disk goes with its machine, and here so must the swap that is on it.
            machine.delete()
            cloud().remove(self.kind, name)
            return None
        known = {key: value for key, value in found.items() if key in self.properties}
        return self._created({**state, **known, "serviceAccount": state.get("serviceAccount")}, found)

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        name = str(inputs["name"])
        client, box = docker.from_env(timeout=120), Description.read(sandbox_directory())
        machine = Machine(client, box.name, name)
        identity = (_email(state), _scopes(state)) != (_email(inputs), _scopes(inputs))
        restart = state["machineType"] != inputs["machineType"] or identity
        moved = _attached(state) != _attached(inputs) or _address(state) != _address(inputs)
        if moved:
            raise ProviderError("the sandbox cannot move disks or addresses of a running machine")
        if restart and not inputs.get("allowStoppingForUpdate"):
            raise ProviderError(
                "Changing the machine_type or service_account on a started instance requires stopping it."
                " To acknowledge this, please set allow_stopping_for_update = true"
            )
        with cloud().changing() as kinds:
            record = kinds[self.kind][name]
            record.update(entry(inputs))
            record["serviceAccount"], record["scopes"] = _email(inputs), _scopes(inputs)
            changed = dict(record)
        machine.apply_firewall(rules_for(changed))
        if restart:
            machine.stop()
            machine.start(MACHINE_TYPES[str(inputs["machineType"])])
        return self._created(inputs, changed)

    def delete(self, identifier: str, state: Properties) -> None:
        if state.get("deletionProtection"):
            raise ProviderError("Error 412: the instance has deletion protection")
        name = str(state["name"])
        client, box = docker.from_env(timeout=120), Description.read(sandbox_directory())
        Machine(client, box.name, name).delete()
        for disk in _attached(state).values():
            detach(client, volume_name(box, disk))
        super().delete(identifier, state)

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/zones/{inputs['zone']}/instances/{inputs['name']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"selfLink": f"{API}/zones/{inputs['zone']}/instances/{inputs['name']}"}

    def _boot(self, client: docker.DockerClient, box: Description, record: Entry) -> None:
        machine = Machine(client, box.name, str(record["name"]))
        # One that was killed leaves a boot volume, swap and loop devices behind.
        machine.delete()
        disks = record["disks"] if isinstance(record["disks"], dict) else {}
        machine.create(
            image=box.machine_image,
            memory=MACHINE_TYPES[str(record["machineType"])],
            network=box.network,
            address=str(record["address"]),
            authority=sandbox_directory() / "ca" / "ca.pem",
            disks={device: volume_name(box, str(disk)) for device, disk in disks.items()},
            rules=rules_for(record),
        )

    def _created(self, inputs: Properties, record: Entry) -> Created:
        outputs = {
            **inputs,
            **self.outputs(inputs),
            "instanceId": record.get("instanceId"),
            "cpuPlatform": "sandbox",
            "currentStatus": "RUNNING",
        }
        return Created(self.identifier(inputs), outputs)


def _objects(value: Value) -> list[Mapping[str, Value]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _image(inputs: Properties) -> str:
    boot = inputs.get("bootDisk")
    parameters = boot.get("initializeParams") if isinstance(boot, Mapping) else None
    return str(parameters.get("image")) if isinstance(parameters, Mapping) else ""


def _attached(inputs: Properties) -> dict[str, str]:
    """Device name -> disk's name."""
    return {
        str(disk.get("deviceName") or f"persistent-disk-{index + 1}"): str(disk["source"]).rsplit("/", 1)[-1]
        for index, disk in enumerate(_objects(inputs.get("attachedDisks")))
    }


def _address(inputs: Properties) -> str | None:
    for interface in _objects(inputs.get("networkInterfaces")):
        for access in _objects(interface.get("accessConfigs")):
            if access.get("natIp"):
                return str(access["natIp"])
    raise ProviderError(
        "the sandbox's machines need a static address: networkInterfaces[0].accessConfigs[0].natIp"
    )


def _network(inputs: Properties) -> str:
    """The id of the network that its first interface is in."""
    interface = _objects(inputs.get("networkInterfaces"))[0]
    subnetwork = str(interface.get("subnetwork") or "").rsplit("/", 1)[-1]
    found = cloud().get("subnetwork", subnetwork)
    return str(found["network"]) if found else str(interface.get("network"))


def _email(inputs: Properties) -> str:
    account = inputs.get("serviceAccount")
    return str(account.get("email") or "") if isinstance(account, Mapping) else ""


def _scopes(inputs: Properties) -> list[Json]:
    account = inputs.get("serviceAccount")
    scopes = account.get("scopes") if isinstance(account, Mapping) else None
    return [str(scope) for scope in scopes] if isinstance(scopes, list) else []
