"""A program whose records and containers are all new at once; each has hooks. Copied as `__main__.py`."""

from __future__ import annotations

import os

import pulumi
import pulumi_docker as docker

from components.confinement import Confinement
from components.container import ContainerArgs, container
from components.dns.records import Record
from components.dns.settings import CloudDnsSettings, CloudDnsZone
from components.dns.zone import Zone
from components.host.local import LocalHost
from components.host.settings import LocalSettings
from components.logs import LocalLogs
from components.workload import Health, Memory

config = pulumi.Config()
mark = {"homeport.engine-test": pulumi.get_stack()}

records = [
    Record(f"name-{number}.homeport.test", "A", ("172.31.77.10",))
    for number in range(config.require_int("records"))
]
Zone("dns", CloudDnsSettings(kind="clouddns", zones=[CloudDnsZone(name="homeport.test")]), records)

host = LocalHost("host", LocalSettings(kind="local", docker_host=os.environ["DOCKER_HOST"]), LocalLogs())
if containers := config.require_int("containers"):
    network = docker.Network(
        "network",
        internal=True,
        labels=[docker.NetworkLabelArgs(label=label, value=value) for label, value in mark.items()],
        opts=pulumi.ResourceOptions(provider=host.provider),
    )
    for number in range(containers):
        container(
            f"container-{number}",
            host,
            ContainerArgs(
                image=config.require("image"),
                command=("sleep", "infinity"),
                memory=Memory(limit=16, swap=16),
                confinement=Confinement(user="65534:65534"),
                networks=[(network, f"container-{number}")],
                health=Health(("true",), interval=1),
                labels=mark,
                stop=1,
            ),
            pulumi.ResourceOptions(),
        )
