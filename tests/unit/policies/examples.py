"""For each rule a resource that keeps it and one that breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from components.default_images import default_tag
from components.host.bootstrap import Bootstrap
from policies.kinds import (
    ADDRESS,
    BUCKET,
    CONTAINER,
    DISK,
    DOCKER_NETWORK,
    FIREWALL,
    INSTANCE,
    MANAGED_ZONE,
    PRIVATE_KEY,
    REMOTE_IMAGE,
    RESOURCE_POLICY,
)
from tests.unit.policies.asked import SERVICE, Asked, container, secret


@dataclass(frozen=True)
class Example:
    """A rule's two sides."""

    kept: Asked
    broken: Asked
    says: str
    """Words of the report on the broken one."""


def firewall(ports: list[str], source: str) -> Asked:
    """A firewall rule that lets TCP in."""
    allows = [{"protocol": "tcp", "ports": ports}]
    return Asked(FIREWALL, {"direction": "INGRESS", "allows": allows, "sourceRanges": [source]}, "ssh")


def machine(**properties: object) -> Asked:
    """A virtual machine with an account."""
    return Asked(INSTANCE, {"serviceAccount": {"email": "chat@example.iam"}, **properties}, "machine")


def _startup(script: str) -> Asked:
    return machine(metadata={"startup-script": script})


def _grant(role: str) -> Asked:
    member = "serviceAccount:chat@example.iam"
    return Asked("gcp:projects/iAMMember:IAMMember", {"role": role, "member": member}, "grant")


def _on(network: str) -> Asked:
    socket = {"hostPath": "/var/run/docker.sock", "containerPath": "/var/run/docker.sock"}
    uses = {"networksAdvanced": [(DOCKER_NETWORK, network)]}
    return Asked(CONTAINER, {**SERVICE, "volumes": [socket]}, "companion", uses=uses)


_SOCKET = [{"hostPath": "/var/run/docker.sock", "containerPath": "/tmp/docker.sock"}]
_RELOADED = [{"label": "com.github.nginx-proxy.nginx", "value": "true"}]
_WEB = [{"internal": 80, "external": 80}]
_SHIELD = {"enableSecureBoot": True, "enableVtpm": True, "enableIntegrityMonitoring": True}
BOOTSTRAP = Bootstrap("homeport", 2048, "distribution", 10, "ssh-ed25519 AAAA").script
_KEY = {"algorithm": "ECDSA", "ecdsaCurve": "P256"}

EXAMPLES: Mapping[str, Example] = {
    "image-pinned": Example(
        Asked(REMOTE_IMAGE, {"name": "ghcr.io/mastodon/mastodon:v4.7.4"}),
        Asked(REMOTE_IMAGE, {"name": "postgres:17"}),
        "postgres:17, whose tag moves",
    ),
    "image-outdated": Example(
        Asked(REMOTE_IMAGE, {"name": f"redis:{default_tag('redis')}"}),
        Asked(REMOTE_IMAGE, {"name": "docker.io/library/redis:8.2.1"}),
        f"redis:8.2.1, older than redis:{default_tag('redis')} of ",
    ),
    "no-plain-secret": Example(
        container(envs=[secret("DB_PASSWORD=hunter2")]),
        container(envs=["DB_PASSWORD=hunter2"]),
        "has the value of DB_PASSWORD in plain text",
    ),
    "one-process": Example(
        container(command=["sh", "-c", "rm -f x && exec app >log 2>&1"]),
        container(command=["sh", "-c", "worker & exec app"]),
        "in the background",
    ),
    "no-ssh-server": Example(
        container(command=["ssh-keygen"]),
        container(command=["/usr/sbin/sshd", "-D"]),
        "starts /usr/sbin/sshd",
    ),
    "restart-policy": Example(
        container(restart="unless-stopped"), container(restart=None), "has the restart policy no"
    ),
    "stop-signal": Example(
        container(labels=_RELOADED, stopSignal="SIGQUIT"),
        container(labels=_RELOADED),
        "is sent SIGHUP and has no stop signal",
    ),
    "health-check": Example(container(), container(healthcheck=None, wait=None), "has no health check"),
    "memory-limited": Example(container(), container(memory=None), "has no memory limit"),
    "logs-rotated": Example(
        container(logDriver="json-file", logOpts={"max-size": "10m", "max-file": "3"}),
        container(logDriver="json-file", logOpts={"max-size": "10m"}),
        "json-file without max-file",
    ),
    "data-in-volumes": Example(
        container(),
        container(volumes=[{"hostPath": "/srv/data", "containerPath": "/data"}]),
        "mounts the machine's /srv/data",
    ),
    "non-root-user": Example(container(), container(user="root"), "runs as root"),
    "no-new-privileges": Example(container(), container(securityOpts=[]), "no-new-privileges"),
    "capabilities-dropped": Example(
        container(capabilities={"drops": ["ALL"], "adds": ["CAP_CHOWN"]}),
        container(capabilities={"drops": ["ALL"], "adds": ["SYS_ADMIN"]}),
        "adds the capability SYS_ADMIN",
    ),
    "read-only-root": Example(container(), container(readOnly=None), "can be written"),
    "no-privileged-container": Example(container(), container(privileged=True), "is privileged"),
    "no-machine-namespace": Example(
        container(networkMode="bridge"), container(networkMode="host"), "has networkMode host"
    ),
    "no-published-docker-socket": Example(
        container(volumes=_SOCKET), container(volumes=_SOCKET, ports=_WEB), "publishes a port and mounts"
    ),
    "no-docker-socket-on-front": Example(_on("control"), _on("front"), "is on the network front"),
    "no-published-database": Example(
        container(ports=_WEB), container(ports=[{"internal": 5432, "external": 15432}]), "publishes port 5432"
    ),
    "no-database-port-open": Example(
        firewall(["80", "443"], "0.0.0.0/0"), firewall(["6379"], "10.0.0.0/8"), "opens port 6379"
    ),
    "ssh-not-open-to-the-world": Example(
        firewall(["22"], "203.0.113.7/32"), firewall(["22"], "0.0.0.0/0"), "opens SSH to 0.0.0.0/0"
    ),
    "metadata-server-closed": Example(
        _startup(BOOTSTRAP), _startup("apt-get install -y docker.io"), "does not drop what containers send"
    ),
    "shielded-vm": Example(
        machine(shieldedInstanceConfig=_SHIELD),
        machine(shieldedInstanceConfig={**_SHIELD, "enableVtpm": False}),
        "without the virtual TPM",
    ),
    "no-primitive-role": Example(
        _grant("roles/logging.logWriter"), _grant("roles/editor"), "gives roles/editor"
    ),
    "own-service-account": Example(
        machine(),
        machine(serviceAccount={"email": "42-compute@developer.gserviceaccount.com"}),
        "default service account",
    ),
    "disk-protected": Example(
        Asked(DISK, {"size": 10}, protect=True), Asked(DISK, {"size": 10}), "is a disk without `protect`"
    ),
    "bucket-protected": Example(
        Asked(BUCKET, {"location": "US"}, protect=True),
        Asked(BUCKET, {"location": "US"}),
        "without `protect`",
    ),
    "lasting-key-kept": Example(
        Asked(PRIVATE_KEY, _KEY, "mastodon-vapid", ignore_changes=["algorithm", "ecdsaCurve"]),
        Asked(PRIVATE_KEY, _KEY, "mastodon-vapid", ignore_changes=["algorithm"]),
        "a change of ecdsaCurve",
    ),
    "always-free-machine": Example(
        Asked(INSTANCE, {"machineType": "e2-micro", "zone": "us-west1-b"}),
        Asked(INSTANCE, {"machineType": "e2-small", "zone": "us-west1-b"}),
        "has the type e2-small in us-west1: 12.23 USD a month",
    ),
    "always-free-disks": Example(
        Asked(DISK, {"size": 30, "type": "pd-standard", "zone": "us-west1-b"}),
        Asked(DISK, {"size": 40, "type": "pd-standard", "zone": "us-west1-b"}),
        "10 GB beyond the 30 GB that are free for all disks together: 0.40 USD a month",
    ),
    "always-free-address": Example(
        Asked(ADDRESS, {"region": "us-west1", "addressType": "INTERNAL"}),
        Asked(ADDRESS, {"region": "us-west1"}),
        "is an external IPv4 address: 3.65 USD a month",
    ),
    "always-free-snapshots": Example(
        Asked(RESOURCE_POLICY, {"region": "us-west1"}),
        Asked(RESOURCE_POLICY, {"region": "us-west1", "snapshotSchedulePolicy": {}}),
        "keeps snapshots for ever: 0.05 to 0.065 USD for a GB and month",
    ),
    "always-free-zones": Example(
        Asked("gcp:dns/recordSet:RecordSet", {"name": "chat.example.com."}),
        Asked(MANAGED_ZONE, {"dnsName": "example.com."}),
        "is the zone of example.com: 0.20 USD a month",
    ),
}
