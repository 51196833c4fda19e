"""Homeport's stack in a box: the box, the engine, and the settings that only the box can know."""

from __future__ import annotations

import copy
import os
import sys
from dataclasses import replace
from pathlib import Path

import yaml
from pulumi.automation import EngineEvent

from sandbox.box import Box
from sandbox.box_description import Description
from sandbox.engine import REMOTE_IMAGE, Engine, Project, homeport
from tools.engine import find_engine

STACK = "sandbox"


def sandbox_folder(name: str) -> Path:
    """The folder of the sandbox of that name."""
    return Path(__file__).parent.parent / "build" / "sandbox" / name


def deployment(box: Box, description: Description, changes: dict[str, object] | None = None) -> Engine:
    """The engine for the stack `sandbox`, with some settings changed, in a box that runs."""
    return Engine(box.directory, project(box, description, changes))


def publish_images(box: Box, engine: Engine) -> None:
    """Have all images that the stack pulls in the box's registry: no update waits for one to be built."""
    names: set[str] = set()

    def note(event: EngineEvent) -> None:
        declared = event.resource_pre_event.metadata if event.resource_pre_event else None
        if declared and declared.type == REMOTE_IMAGE and declared.new and declared.new.inputs:
            names.add(str(declared.new.inputs["name"]))

    engine.preview(note)
    box.registry.publish(sorted(names))


def project(box: Box, description: Description, changes: dict[str, object] | None = None) -> Project:
    """The program with the stack's settings, its authority and key folder those of the box."""
    shipped = homeport(STACK, changes)
    config = copy.deepcopy(dict(shipped.config))
    edge, host = config["homeport:edge"], config["homeport:host"]
    if isinstance(edge, dict) and edge["certificate"]["kind"] == "acme":
        edge["certificate"]["server"] = description.acme_directory
        edge["certificate"]["caBundle"] = str(box.authority.certificate)
    if isinstance(host, dict) and host["kind"] == "gce":
        host["ssh"]["directory"] = str(box.directory / "ssh")
    return replace(shipped, config=config)


def write_workspace(box: Box, description: Description, engine: Engine, update: str) -> Path:
    """Write how commands outside of the sandbox reach its stack: docs/operations.md says what the file means.

    Args:
        box: A box that runs.
        description: What is in it.
        engine: The engine that deployed the stack.
        update: The command that updates the stack.
    """
    roots = box.directory / "roots.pem"
    roots.write_bytes(box.acme_root.read_bytes() + box.authority.certificate.read_bytes())
    # The plugins look for this computer's Docker engine, where the machines are.
    docker = {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
    own = {name: value for name, value in engine.environment.items() if name != "PATH"}
    content = {
        "project": str(engine.folder),
        "environment": {**own, **docker},
        "path": [str(find_engine().parent), str(Path(sys.executable).parent)],
        "resolver": description.cloud_address,
        "root": str(roots),
        "registry": f"https://{description.cloud_address}",
        "update": update,
    }
    path = box.directory / "workspace.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path
