"""docker:index/container:Container, as pulumi-docker 5 treats it.

Which properties replace and which update in place: the resource's schema in terraform-provider-docker,
internal/provider/resource_docker_container.go.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from threading import Event

from sandbox import docker_sdk as docker
from sandbox.providers.docker_connection import DockerConnection, connection
from sandbox.providers.docker_container_config import (
    create_container,
    duration,
    mib,
    objects,
    restart,
    strings,
    upload_archive,
)
from sandbox.providers.docker_image import present_image
from sandbox.providers.resource import (
    Created,
    Failure,
    PartlyCreated,
    Properties,
    Property,
    ProviderError,
    ResourceType,
    Value,
)

_MIB = 1024 * 1024
_IN_PLACE = ("restart", "maxRetryCount", "cpuShares", "memory", "memoryReservation", "cpuSet", "memorySwap")
# The provider calls their change an update in place. It changes nothing on the container.
_WITHOUT_EFFECT = (
    *("wait", "waitTimeout", "start", "attach", "logs", "rm", "removeVolumes"),
    *("destroyGraceSeconds", "init", "tmpfs"),
)
_PLAIN = (
    *("command", "entrypoints", "envs", "user", "workingDir", "hostname", "readOnly"),
    *("logDriver", "logOpts", "securityOpts", "stopTimeout", "shmSize"),
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
        **{name: Property() for name in (*_IN_PLACE, *_WITHOUT_EFFECT)},
        "mustRun": Property(default=True),
        **dict.fromkeys(_PLAIN, _REPLACES),
        "stopSignal": Property(replaces=True, computed=True),
        "labels": Property(
            replaces=True, fields={"label": Property(required=True), "value": Property(required=True)}
        ),
        "hosts": Property(
            replaces=True, fields={"host": Property(required=True), "ip": Property(required=True)}
        ),
        "capabilities": Property(replaces=True, fields={"adds": Property(), "drops": Property()}),
        "volumes": Property(
            replaces=True,
            fields={
                "containerPath": Property(required=True),
                **{name: Property() for name in ("volumeName", "hostPath", "readOnly")},
            },
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
            fields={
                "tests": Property(required=True),
                **{name: Property() for name in ("interval", "timeout", "retries", "startPeriod")},
            },
        ),
    }

    _connection: DockerConnection

    def configure(self, config: Properties, cancelled: Event) -> None:
        self._connection = connection(config)

    def check(self, inputs: Properties) -> Sequence[Failure]:
        if inputs.get("memory") and not inputs.get("memorySwap"):
            reason = "without memorySwap Docker sets one itself, which every refresh then finds as drift"
            return [Failure("memory", reason)]
        return ()

    def create(self, inputs: Properties) -> Created:
        client = self._connection.client()
        image = str(inputs["image"])
        try:
            present_image(client, image)
        except ProviderError as problem:
            raise ProviderError(f"Unable to create container with image {image}: {problem}") from None
        try:
            identifier = create_container(client, inputs)
        except docker.errors.APIError as problem:
            raise ProviderError(f"Unable to create container: {problem.explanation}") from None
        try:
            self._complete(client, identifier, inputs)
        except ProviderError as problem:
            raise PartlyCreated(Created(identifier, inputs), [str(problem)]) from None
        return Created(identifier, self._state(client, identifier, inputs))

    def read(self, identifier: str, state: Properties) -> Created | None:
        client = self._connection.client()
        try:
            outputs = self._state(client, identifier, state)
        except docker.errors.NotFound:
            return None
        return Created(identifier, outputs)

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        """Limits, the restart policy and a start of what was stopped. All else is noted and not done."""
        client = self._connection.client()
        limits = {
            "mem_limit": mib(inputs.get("memory")),
            "memswap_limit": mib(inputs.get("memorySwap")),
            "mem_reservation": mib(inputs.get("memoryReservation")),
            "cpu_shares": inputs.get("cpuShares"),
            "cpuset_cpus": inputs.get("cpuSet"),
            "restart_policy": restart(inputs),
        }
        try:
            if state.get("mustRun") is False and inputs.get("mustRun") and inputs.get("start") is not False:
                client.start(identifier)
            if any(state.get(name) != inputs.get(name) for name in _IN_PLACE):
                client.update_container(
                    identifier, **{name: value for name, value in limits.items() if value is not None}
                )
        except docker.errors.APIError as problem:
            raise ProviderError(f"Unable to update a container: {problem.explanation}") from None
        return Created(identifier, {**state, **inputs})

    def delete(self, identifier: str, state: Properties) -> None:
        client = self._connection.client()
        grace = state.get("destroyGraceSeconds")
        try:
            client.stop(identifier, timeout=grace if isinstance(grace, int) else 0)
            client.remove_container(identifier, v=state.get("removeVolumes") is not False, force=True)
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as problem:
            raise ProviderError(f"Error deleting container {identifier}: {problem.explanation}") from None

    def _complete(self, client: docker.APIClient, identifier: str, inputs: Properties) -> None:
        """From created to healthy. What fails here leaves the container where it is: `ProviderError`."""
        networks = objects(inputs.get("networksAdvanced"))
        try:
            if networks:
                client.disconnect_container_from_network(identifier, "bridge")
            for network in networks:
                client.connect_container_to_network(
                    identifier,
                    str(network["name"]),
                    aliases=strings(network.get("aliases")) or None,
                    ipv4_address=network.get("ipv4Address"),
                )
            for upload in objects(inputs.get("uploads")):
                client.put_archive(identifier, "/", upload_archive(upload))
            if inputs.get("start") is False:
                return
            client.start(identifier)
        except docker.errors.APIError as problem:
            raise ProviderError(f"Unable to start container: {problem.explanation}") from None
        if inputs.get("wait"):
            _await_health(client, identifier, inputs)

    def _state(self, client: docker.APIClient, identifier: str, inputs: Properties) -> Properties:
        found = client.inspect_container(identifier)
        host, config = found["HostConfig"], found["Config"]
        by_id = str(inputs.get("image", "")).startswith("sha256:")
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
            "stopSignal": config.get("StopSignal", ""),
            "networkDatas": [
                {"networkName": name, "ipAddress": network["IPAddress"], "gateway": network["Gateway"]}
                for name, network in sorted(networks.items())
            ],
        }
        if "user" in inputs:
            outputs["user"] = config["User"]
        if "readOnly" in inputs:
            outputs["readOnly"] = host["ReadonlyRootfs"]
        if "tmpfs" in inputs:
            outputs["tmpfs"] = host.get("Tmpfs") or {}
        if "capabilities" in inputs:
            outputs["capabilities"] = _read_capabilities(inputs["capabilities"], host)
        if "healthcheck" in inputs:
            outputs["healthcheck"] = _read_health(inputs["healthcheck"], config.get("Healthcheck"))
        if not found["State"]["Running"]:
            outputs["exitCode"] = found["State"]["ExitCode"]
            # Docker tells the ports of what runs only. To the provider they are gone: it replaces.
            if inputs.get("ports") and inputs.get("mustRun") is not False:
                outputs["ports"] = []
        return outputs


def _await_health(client: docker.APIClient, identifier: str, inputs: Properties) -> None:
    """Until it is healthy. One that exits or is unhealthy is waited for all the same: it may recover."""
    timeout = inputs.get("waitTimeout")
    deadline = time.monotonic() + (timeout if isinstance(timeout, int) else 60)
    while True:
        health = client.inspect_container(identifier)["State"].get("Health")
        if health is None:
            raise ProviderError("'wait' is set, but the container does not have a healthcheck defined")
        if health["Status"] == "healthy":
            return
        if time.monotonic() > deadline:
            raise ProviderError("container failed to be in healthy state")
        time.sleep(0.2)


def _read_health(wanted: Value, found: Mapping[str, int] | None) -> Value:
    """The health check with the times as Docker writes them: `60s` comes back as `1m0s`."""
    if not found or not isinstance(wanted, Mapping):
        return None
    times = {"interval": "Interval", "timeout": "Timeout", "startPeriod": "StartPeriod"}
    return {
        **wanted,
        **{ours: duration(found.get(theirs, 0)) for ours, theirs in times.items() if ours in wanted},
    }


def _read_capabilities(wanted: Value, host: Mapping[str, Sequence[str] | None]) -> Value:
    """As the engine tells them. The provider compares them as sets of words: `CHOWN` is not `CAP_CHOWN`."""
    asked = wanted if isinstance(wanted, Mapping) else {}
    found = {"adds": host["CapAdd"] or [], "drops": host["CapDrop"] or []}
    return {
        name: asked[name] if set(strings(asked.get(name))) == set(names) else names
        for name, names in found.items()
        if names or name in asked
    }


def _kept(wanted: Value, found: Sequence[str]) -> list[Value]:
    """The environment that was asked for as far as the container has it; the image's own is left out."""
    return [item for item in strings(wanted) if item in found]
