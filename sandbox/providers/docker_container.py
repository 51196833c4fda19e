"""docker:index/container:Container, as pulumi-docker 5.2.0 treats it.

Which properties replace and which update in place: the resource's schema in terraform-provider-docker,
internal/provider/resource_docker_container.go.
"""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.types import EndpointConfig, LogConfig

from sandbox.providers.docker_connection import DockerConnection, connection
from sandbox.providers.resource import (
    Created,
    PartlyCreated,
    Properties,
    Property,
    ProviderError,
    ResourceType,
    Value,
)

_MIB = 1024 * 1024
_IN_PLACE = ("restart", "maxRetryCount", "cpuShares", "memory", "memoryReservation", "cpuSet", "memorySwap")
_LOCAL = (
    *("wait", "waitTimeout", "start", "attach", "logs", "rm", "removeVolumes"),
    "destroyGraceSeconds",
)
_PLAIN = (
    *("command", "entrypoints", "envs", "user", "workingDir", "hostname", "init", "readOnly"),
    *("logDriver", "logOpts", "securityOpts", "stopSignal", "stopTimeout", "shmSize", "tmpfs"),
    *("privileged", "networkMode", "dns", "groupAdds", "sysctls"),
)
_REPLACES = Property(replaces=True)


class Container(ResourceType):
    """A container; deleted before it is replaced."""

    token = "docker:index/container:Container"  # noqa: S105
    delete_before_replace = True
    properties = {
        "name": Property(replaces=True, auto_named=True),
        "image": Property(required=True, replaces=True),
        **{name: Property() for name in (*_IN_PLACE, *_LOCAL)},
        "mustRun": Property(default=True),
        **dict.fromkeys(_PLAIN, _REPLACES),
        "labels": Property(
            replaces=True, fields={"label": Property(required=True), "value": Property(required=True)}
        ),
        "hosts": Property(
            replaces=True, fields={"host": Property(required=True), "ip": Property(required=True)}
        ),
        "capabilities": Property(replaces=True, fields={"adds": Property(), "drops": Property()}),
        "volumes": Property(
            replaces=True,
            fields={name: Property() for name in ("volumeName", "containerPath", "hostPath", "readOnly")},
        ),
        "ports": Property(
            replaces=True,
            fields={
                "internal": Property(required=True),
                **{name: Property() for name in ("external", "protocol", "ip")},
            },
        ),
        "networksAdvanced": Property(
            replaces=True,
            fields={"name": Property(required=True), "aliases": Property(), "ipv4Address": Property()},
        ),
        "uploads": Property(
            replaces=True,
            fields={
                "file": Property(required=True),
                **{name: Property() for name in ("content", "contentBase64", "executable", "permissions")},
            },
        ),
        "healthcheck": Property(
            replaces=True,
            fields={
                "tests": Property(required=True),
                **{name: Property() for name in ("interval", "timeout", "retries", "startPeriod")},
            },
        ),
    }

    _connection: DockerConnection
    _cancelled: Event

    def configure(self, config: Properties, cancelled: Event) -> None:
        self._connection = connection(config)
        self._cancelled = cancelled

    def create(self, inputs: Properties) -> Created:
        client = self._connection.client()
        try:
            identifier = self._create(client, inputs)
        except APIError as problem:
            raise ProviderError(f"Unable to create container: {problem.explanation}") from None
        try:
            for network in _objects(inputs.get("networksAdvanced"))[1:]:
                client.connect_container_to_network(
                    identifier, str(network["name"]), aliases=_strings(network.get("aliases")) or None
                )
            self._upload(client, identifier, inputs)
            if inputs.get("start") is not False:
                client.start(identifier)
        except APIError as problem:
            client.remove_container(identifier, v=True, force=True)
            raise ProviderError(f"Unable to start container: {problem.explanation}") from None
        self._await_health(client, identifier, inputs)
        return Created(identifier, self._state(client, identifier, inputs))

    def read(self, identifier: str, state: Properties) -> Created | None:
        client = self._connection.client()
        try:
            outputs = self._state(client, identifier, state)
        except NotFound:
            return None
        return Created(identifier, outputs)

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        client = self._connection.client()
        limits = {
            "mem_limit": _mib(inputs.get("memory")),
            "memswap_limit": _mib(inputs.get("memorySwap")),
            "mem_reservation": _mib(inputs.get("memoryReservation")),
            "cpu_shares": inputs.get("cpuShares"),
            "cpuset_cpus": inputs.get("cpuSet"),
            "restart_policy": _restart(inputs),
        }
        try:
            client.update_container(
                identifier, **{name: value for name, value in limits.items() if value is not None}
            )
            running = client.inspect_container(identifier)["State"]["Running"]
            if not running and inputs.get("mustRun") is not False:
                client.start(identifier)
        except APIError as problem:
            raise ProviderError(f"Unable to update container: {problem.explanation}") from None
        self._await_health(client, identifier, inputs)
        return Created(identifier, self._state(client, identifier, inputs))

    def delete(self, identifier: str, state: Properties) -> None:
        client = self._connection.client()
        grace = state.get("destroyGraceSeconds")
        try:
            if isinstance(grace, int) and grace > 0:
                client.stop(identifier, timeout=grace)
            client.remove_container(identifier, v=state.get("removeVolumes") is not False, force=True)
        except NotFound:
            return
        except APIError as problem:
            raise ProviderError(f"Error removing container {identifier}: {problem.explanation}") from None

    def _create(self, client: docker.APIClient, inputs: Properties) -> str:
        networks = _objects(inputs.get("networksAdvanced"))
        ports = _objects(inputs.get("ports"))
        config = client.create_container_config(
            image=str(inputs["image"]),
            command=_strings(inputs.get("command")) or None,
            entrypoint=_strings(inputs.get("entrypoints")) or None,
            environment=_strings(inputs.get("envs")),
            user=inputs.get("user"),
            working_dir=inputs.get("workingDir"),
            hostname=inputs.get("hostname"),
            labels={str(label["label"]): str(label["value"]) for label in _objects(inputs.get("labels"))},
            ports=[(port["internal"], port.get("protocol") or "tcp") for port in ports],
            stop_signal=inputs.get("stopSignal"),
            healthcheck=_healthcheck(inputs.get("healthcheck")),
            host_config=self._host_config(client, inputs, ports),
            networking_config=_endpoint(client, networks[0]) if networks else None,
        )
        if isinstance(inputs.get("stopTimeout"), int):
            config["StopTimeout"] = inputs["stopTimeout"]
        created = client.create_container_from_config(config, name=str(inputs["name"]))
        return str(created["Id"])

    def _host_config(
        self, client: docker.APIClient, inputs: Properties, ports: list[Mapping[str, Value]]
    ) -> Mapping[str, object]:
        networks = _objects(inputs.get("networksAdvanced"))
        bindings: dict[str, list[tuple[str, str]]] = {}
        for port in ports:
            key = f"{port['internal']}/{port.get('protocol') or 'tcp'}"
            external = str(port.get("external") or "")
            bindings.setdefault(key, []).append((str(port.get("ip") or "0.0.0.0"), external))
        capabilities = inputs.get("capabilities")
        capabilities = capabilities if isinstance(capabilities, Mapping) else {}
        options = inputs.get("logOpts")
        config: Mapping[str, object] = client.create_host_config(
            binds=[_bind(volume) for volume in _objects(inputs.get("volumes"))],
            port_bindings=bindings,
            network_mode=str(networks[0]["name"]) if networks else inputs.get("networkMode"),
            restart_policy=_restart(inputs),
            mem_limit=_mib(inputs.get("memory")),
            memswap_limit=_mib(inputs.get("memorySwap")),
            mem_reservation=_mib(inputs.get("memoryReservation")),
            shm_size=_mib(inputs.get("shmSize")),
            cpu_shares=inputs.get("cpuShares"),
            read_only=inputs.get("readOnly") is True,
            privileged=inputs.get("privileged") is True,
            init=inputs.get("init"),
            tmpfs=inputs.get("tmpfs"),
            security_opt=_strings(inputs.get("securityOpts")) or None,
            cap_add=_strings(capabilities.get("adds")) or None,
            cap_drop=_strings(capabilities.get("drops")) or None,
            dns=_strings(inputs.get("dns")) or None,
            group_add=_strings(inputs.get("groupAdds")) or None,
            sysctls=inputs.get("sysctls"),
            auto_remove=inputs.get("rm") is True,
            extra_hosts={str(host["host"]): str(host["ip"]) for host in _objects(inputs.get("hosts"))},
            log_config=LogConfig(
                type=str(inputs.get("logDriver") or ""),
                config=dict(options) if isinstance(options, Mapping) else {},
            )
            if inputs.get("logDriver")
            else None,
        )
        return config

    def _upload(self, client: docker.APIClient, identifier: str, inputs: Properties) -> None:
        for upload in _objects(inputs.get("uploads")):
            path, content = str(upload["file"]), str(upload.get("content") or "").encode()
            archive = io.BytesIO()
            with tarfile.open(fileobj=archive, mode="w") as tar:
                entry = tarfile.TarInfo(path.lstrip("/"))
                entry.size, entry.mtime = len(content), int(time.time())
                entry.mode = 0o744 if upload.get("executable") else 0o644
                tar.addfile(entry, io.BytesIO(content))
            client.put_archive(identifier, "/", archive.getvalue())

    def _await_health(self, client: docker.APIClient, identifier: str, inputs: Properties) -> None:
        """With `wait`, until healthy; without, until it runs (`mustRun`)."""
        if inputs.get("start") is False or inputs.get("mustRun") is False:
            return
        timeout = inputs.get("waitTimeout")
        deadline = time.monotonic() + (timeout if isinstance(timeout, int) else 60)
        while True:
            state = client.inspect_container(identifier)["State"]
            health = (state.get("Health") or {}).get("Status")
            if health == "healthy" or (state["Running"] and not inputs.get("wait")):
                return
            problem = _problem(state)
            if not problem and time.monotonic() > deadline:
                problem = f"not healthy in time; it is {health or 'without a health check'}"
            if not problem and self._cancelled.wait(0.2):
                problem = "cancelled while waiting for its health"
            if problem:
                log = client.logs(identifier, tail=20).decode(errors="replace")
                created = Created(identifier, self._state(client, identifier, inputs))
                raise PartlyCreated(created, [f"{inputs['name']}: {problem}\n{log}"])

    def _state(self, client: docker.APIClient, identifier: str, inputs: Properties) -> Properties:
        found = client.inspect_container(identifier)
        host, config = found["HostConfig"], found["Config"]
        by_id = str(inputs.get("image", "")).startswith("sha256:")
        health = config.get("Healthcheck") or {}
        networks = found["NetworkSettings"]["Networks"]
        outputs: dict[str, Value] = {
            **inputs,
            "name": found["Name"].lstrip("/"),
            "image": found["Image"] if by_id else config["Image"],
            "restart": host["RestartPolicy"]["Name"],
            "memory": host["Memory"] // _MIB,
            "memorySwap": host["MemorySwap"] // _MIB,
            "memoryReservation": host["MemoryReservation"] // _MIB,
            "logDriver": host["LogConfig"]["Type"],
            "logOpts": host["LogConfig"]["Config"],
            "securityOpts": host["SecurityOpt"],
            "envs": _kept(inputs.get("envs"), config["Env"]),
            # As the official provider notes a stop of a container that must run: the next update starts it.
            "mustRun": inputs.get("mustRun") is not False and bool(found["State"]["Running"]),
            "hostname": config["Hostname"],
            "networkDatas": [
                {"networkName": name, "ipAddress": network["IPAddress"], "gateway": network["Gateway"]}
                for name, network in sorted(networks.items())
            ],
        }
        if "healthcheck" in inputs and not health:
            outputs["healthcheck"] = None
        return outputs


def _problem(state: Mapping[str, Any]) -> str | None:
    """Why a container cannot become healthy any more."""
    if not state["Running"] and not state.get("Restarting"):
        return f"container exited with exit code {state['ExitCode']}"
    if (state.get("Health") or {}).get("Status") == "unhealthy":
        return "container is unhealthy"
    return None


def _kept(wanted: Value, found: Sequence[str]) -> list[Value]:
    """The environment that was asked for as far as the container has it; the image's own is left out."""
    return [item for item in _strings(wanted) if item in found]


def _objects(value: Value) -> list[Mapping[str, Value]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]


def _strings(value: Value) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [str(item) for item in value]


def _mib(value: Value) -> int | None:
    return value * _MIB if isinstance(value, int) and value > 0 else None


def _restart(inputs: Properties) -> Mapping[str, Value]:
    return {
        "Name": str(inputs.get("restart") or "no"),
        "MaximumRetryCount": inputs.get("maxRetryCount") or 0,
    }


def _bind(volume: Mapping[str, Value]) -> str:
    source = volume.get("volumeName") or volume.get("hostPath")
    if not source:
        raise ProviderError(f"volume entry without volume name or host path: {dict(volume)}")
    return f"{source}:{volume['containerPath']}:{'ro' if volume.get('readOnly') else 'rw'}"


def _endpoint(
    client: docker.APIClient, network: Mapping[str, Value]
) -> Mapping[str, Mapping[str, EndpointConfig]]:
    endpoint = client.create_endpoint_config(
        aliases=_strings(network.get("aliases")) or None, ipv4_address=network.get("ipv4Address")
    )
    configuration: Mapping[str, Mapping[str, EndpointConfig]] = client.create_networking_config(
        {str(network["name"]): endpoint}
    )
    return configuration


def _healthcheck(value: Value) -> Mapping[str, object] | None:
    if not isinstance(value, Mapping):
        return None
    return {
        "test": _strings(value["tests"]),
        **{
            ours: _nanoseconds(str(value[theirs]))
            for ours, theirs in (
                ("interval", "interval"),
                ("timeout", "timeout"),
                ("start_period", "startPeriod"),
            )
            if value.get(theirs)
        },
        "retries": value.get("retries") or 0,
    }


def _nanoseconds(duration: str) -> int:
    for unit, factor in (("ms", 1_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("s", 10**9)):
        if duration.endswith(unit) and duration.removesuffix(unit).replace(".", "").isdigit():
            return int(float(duration.removesuffix(unit)) * factor)
    raise ProviderError(f"not a duration such as 10s or 500ms: {duration}")
