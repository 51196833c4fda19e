"""Homeport's stack in a box: the box, the engine, and the settings that only the box can know."""

from __future__ import annotations

import copy
from pathlib import Path

from pulumi.automation import EngineEvent

from sandbox.box import Box
from sandbox.box_description import Description
from sandbox.engine import REMOTE_IMAGE, Engine, Project, homeport

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
    return Project(STACK, shipped.program, config)
