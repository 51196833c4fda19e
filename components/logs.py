"""Where the containers' logs go: the settings, and what Docker is told for each container."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, assert_never

from pydantic import AfterValidator, Field

from components.domain import Settings

_ADDRESS = re.compile(r"[A-Za-z0-9.-]+:\d{1,5}")
_TAG = re.compile(r"([A-Za-z0-9._-]|\{(stack|app|service)\})+")
_LABELS = "homeport.app,homeport.service,homeport.role"


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("a host and a port such as 10.0.0.5:24224")
    return value


def _tag(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise ValueError("letters, digits, dots, hyphens, underscores, and {stack}, {app} and {service}")
    return value


class LocalLogs(Settings):
    """They stay on the machine, 30 MB at most of each container: `docker logs` shows them."""

    kind: Literal["local"] = "local"


class GoogleLogs(Settings):
    """To Cloud Logging, by Docker's driver `gcplogs`. The machine may then write logs, and nothing else."""

    kind: Literal["gcplogs"]


class FluentdLogs(Settings):
    """To something that speaks Fluentd's forward protocol, as Fluentd and Fluent Bit do; not encrypted."""

    kind: Literal["fluentd"]
    address: Annotated[str, AfterValidator(_address)]
    """Host and port as the machine reaches them, in a network of your own. Containers start and run while
    nobody answers there; of each, 8,192 lines wait until somebody does, and what comes after is lost."""
    tag: Annotated[str, AfterValidator(_tag)] = "homeport.{stack}.{app}.{service}"
    """What the lines are tagged with. `{app}` is `edge` for the proxy's containers."""


LogSettings = Annotated[LocalLogs | GoogleLogs | FluentdLogs, Field(discriminator="kind")]


@dataclass(frozen=True)
class LogDriver:
    """What Docker is told about one container's logs."""

    name: str
    options: Mapping[str, str]


def log_driver(
    settings: LocalLogs | GoogleLogs | FluentdLogs, stack: str, app: str, service: str
) -> LogDriver:
    """The driver for a service of an app. Options are those of Docker's documentation of each driver."""
    match settings:
        case LocalLogs():
            return LogDriver("local", {"max-size": "10m", "max-file": "3"})
        case GoogleLogs():
            # It knows no tags; the labels go along with each line.
            return LogDriver("gcplogs", {"labels": _LABELS})
        case FluentdLogs(address=address, tag=tag):
            # Else no container starts while nobody answers; and Docker's default buffer is a million lines.
            return LogDriver(
                "fluentd",
                {
                    "fluentd-address": address,
                    "fluentd-async": "true",
                    "fluentd-buffer-limit": "8192",
                    "tag": tag.format(stack=stack, app=app, service=service),
                },
            )
        case _:
            assert_never(settings)
