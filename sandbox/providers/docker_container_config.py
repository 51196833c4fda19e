"""The inputs of a docker:index/container:Container in the words of Docker's API."""

from __future__ import annotations

import base64
import io
import re
import tarfile
import time
from collections.abc import Mapping, Sequence

from sandbox import docker_sdk as docker
from sandbox.providers.resource import Properties, ProviderError, Value

_MIB = 1024 * 1024
_SECOND = 1_000_000_000
_UNITS = {"ms": 1_000_000, "s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND}
_AMOUNT = r"(?:(\d+(?:\.\d+)?)(ms|s|m|h))"


def create_container(client: docker.APIClient, inputs: Properties) -> str:
    """Make a container of these inputs; it is on the default network and not started. Raises `APIError`."""
    ports = objects(inputs.get("ports"))
    config = client.create_container_config(
        image=str(inputs["image"]),
        command=strings(inputs.get("command")) or None,
        entrypoint=strings(inputs.get("entrypoints")) or None,
        environment=strings(inputs.get("envs")),
        user=inputs.get("user"),
        working_dir=inputs.get("workingDir"),
        hostname=inputs.get("hostname"),
        labels={str(label["label"]): str(label["value"]) for label in objects(inputs.get("labels"))},
        volumes=[str(volume["containerPath"]) for volume in objects(inputs.get("volumes"))],
        ports=[(port["internal"], port.get("protocol") or "tcp") for port in ports],
        stop_signal=inputs.get("stopSignal"),
        healthcheck=_healthcheck(inputs.get("healthcheck")),
        host_config=_host_config(client, inputs, ports),
    )
    if isinstance(inputs.get("stopTimeout"), int):
        config["StopTimeout"] = inputs["stopTimeout"]
    created = client.create_container_from_config(config, name=str(inputs["name"]))
    return str(created["Id"])


def upload_archive(upload: Mapping[str, Value]) -> bytes:
    """A tar archive with the file of an upload."""
    content = str(upload.get("content") or "").encode()
    if encoded := upload.get("contentBase64"):
        content = base64.b64decode(str(encoded))
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(str(upload["file"]).lstrip("/"))
        entry.size, entry.mtime = len(content), int(time.time())
        entry.mode = 0o744 if upload.get("executable") else 0o644
        if permissions := upload.get("permissions"):
            entry.mode = int(str(permissions), 8)
        tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def _host_config(
    client: docker.APIClient, inputs: Properties, ports: list[Mapping[str, Value]]
) -> Mapping[str, object]:
    bindings: dict[str, list[tuple[str, str]]] = {}
    for port in ports:
        key = f"{port['internal']}/{port.get('protocol') or 'tcp'}"
        external = str(port.get("external") or "")
        bindings.setdefault(key, []).append((str(port.get("ip") or "0.0.0.0"), external))
    capabilities = inputs.get("capabilities")
    capabilities = capabilities if isinstance(capabilities, Mapping) else {}
    options = inputs.get("logOpts")
    config: Mapping[str, object] = client.create_host_config(
        binds=[_bind(volume) for volume in objects(inputs.get("volumes")) if _source(volume)],
        port_bindings=bindings,
        network_mode=inputs.get("networkMode"),
        restart_policy=restart(inputs),
        mem_limit=mib(inputs.get("memory")),
        memswap_limit=mib(inputs.get("memorySwap")),
        mem_reservation=mib(inputs.get("memoryReservation")),
        shm_size=mib(inputs.get("shmSize")),
        cpu_shares=inputs.get("cpuShares"),
        read_only=inputs.get("readOnly") is True,
        privileged=inputs.get("privileged") is True,
        init=inputs.get("init") is True,
        tmpfs=inputs.get("tmpfs"),
        security_opt=strings(inputs.get("securityOpts")) or None,
        cap_add=strings(capabilities.get("adds")) or None,
        cap_drop=strings(capabilities.get("drops")) or None,
        dns=strings(inputs.get("dns")) or None,
        group_add=strings(inputs.get("groupAdds")) or None,
        sysctls=inputs.get("sysctls"),
        auto_remove=inputs.get("rm") is True,
        extra_hosts={str(host["host"]): str(host["ip"]) for host in objects(inputs.get("hosts"))},
        log_config=docker.types.LogConfig(
            type=str(inputs.get("logDriver") or ""),
            config=dict(options) if isinstance(options, Mapping) else {},
        )
        if inputs.get("logDriver")
        else None,
    )
    return config


def objects(value: Value) -> list[Mapping[str, Value]]:
    """The objects of a list; none where the input was left out."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]


def strings(value: Value) -> list[str]:
    """The texts of a list; none where the input was left out."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [str(item) for item in value]


def mib(value: Value) -> int | None:
    """Bytes; -1, which stands for no limit, stays."""
    if not isinstance(value, int) or value == 0:
        return None
    return value * _MIB if value > 0 else value


def restart(inputs: Properties) -> Mapping[str, Value]:
    """The restart policy."""
    return {
        "Name": str(inputs.get("restart") or "no"),
        "MaximumRetryCount": inputs.get("maxRetryCount") or 0,
    }


def _source(volume: Mapping[str, Value]) -> Value:
    """What is mounted; nothing where the engine is to make a volume of this container's own."""
    return volume.get("hostPath") or volume.get("volumeName")


def _bind(volume: Mapping[str, Value]) -> str:
    return f"{_source(volume)}:{volume['containerPath']}:{'ro' if volume.get('readOnly') else 'rw'}"


def _healthcheck(value: Value) -> Mapping[str, object] | None:
    if not isinstance(value, Mapping):
        return None
    return {
        "test": strings(value["tests"]),
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


def duration(nanoseconds: int) -> str:
    """As Go writes it: `500ms`, `5s`, `1m0s`, `1h0m0s`."""
    if 0 < nanoseconds < _SECOND:
        return f"{nanoseconds / 1_000_000:g}ms"
    minutes, rest = divmod(nanoseconds, 60 * _SECOND)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest / _SECOND:g}s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def _nanoseconds(text: str) -> int:
    """Of a duration as Go writes it. Raises `ProviderError` for any other text."""
    if not re.fullmatch(rf"({_AMOUNT})+", text):
        raise ProviderError(f"not a duration such as 10s or 500ms: {text}")
    return int(sum(float(amount) * _UNITS[unit] for amount, unit in re.findall(_AMOUNT, text)))
