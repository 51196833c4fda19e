"""The hash that names one revision of a service."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from components.confinement import Confinement, MemoryFolder
from components.revision import fingerprint, revision
from components.workload import (
    BuiltImage,
    GeneratedPassword,
    Health,
    Memory,
    Mount,
    PublishedImage,
    PublishedPort,
    Route,
    Service,
    SuppliedSecret,
    Volume,
    text,
)

PASSWORD = GeneratedPassword("password")
SERVICE = Service(
    name="web",
    image=PublishedImage("image:1.0"),
    memory=Memory(100, 50),
    confinement=Confinement(user="1000:1000"),
    environment={"A": "1", "URL": text("db://", PASSWORD)},
    command=("serve",),
    mounts=(Mount(Volume("data"), "/data"),),
    health=Health(("check",)),
    routes=(Route("a.example.com", 3000),),
    ports=(PublishedPort(8443, "tcp"),),
)


def test_it_is_seven_hexadecimal_digits() -> None:
    assert re.fullmatch("[0-9a-f]{7}", revision(SERVICE))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(replace(SERVICE, image=PublishedImage("image:1.1")), id="image"),
        pytest.param(replace(SERVICE, environment={**SERVICE.environment, "A": "2"}), id="variable"),
        pytest.param(replace(SERVICE, environment={**SERVICE.environment, "B": "1"}), id="more variables"),
        pytest.param(replace(SERVICE, environment={"A": "1"}), id="fewer variables"),
        pytest.param(
            replace(SERVICE, environment={"A": "1", "URL": text("db://", GeneratedPassword("other"))}),
            id="another secret",
        ),
        pytest.param(
            replace(SERVICE, environment={"A": "1", "URL": "db://password"}), id="text like the secret"
        ),
        pytest.param(replace(SERVICE, command=("serve", "--fast")), id="command"),
        pytest.param(replace(SERVICE, confinement=Confinement(user="1001:1000")), id="user"),
        pytest.param(replace(SERVICE, confinement=Confinement(root="why")), id="root"),
        pytest.param(
            replace(SERVICE, confinement=Confinement(user="1000:1000", capabilities=("CAP_KILL",))),
            id="capability",
        ),
        pytest.param(
            replace(SERVICE, confinement=Confinement(user="1000:1000", writable="why")), id="writable"
        ),
        pytest.param(
            replace(SERVICE, confinement=Confinement(user="1000:1000", scratch=("/tmp",))), id="scratch"
        ),
        pytest.param(
            replace(
                SERVICE,
                confinement=Confinement(user="1000:1000", memory_folders=(MemoryFolder("/tmp", 1),)),
            ),
            id="folder in memory",
        ),
        pytest.param(replace(SERVICE, mounts=(Mount(Volume("other"), "/data"),)), id="volume"),
        pytest.param(replace(SERVICE, mounts=(Mount(Volume("data"), "/other"),)), id="path of a volume"),
        pytest.param(replace(SERVICE, mounts=(Mount(Volume("data"), "/data", True),)), id="read only"),
        pytest.param(replace(SERVICE, memory=Memory(101, 50)), id="memory"),
        pytest.param(replace(SERVICE, memory=Memory(100, 51)), id="swap"),
        pytest.param(replace(SERVICE, health=Health(("other",))), id="health check"),
        pytest.param(replace(SERVICE, health=Health(("check",), interval=6)), id="health interval"),
        pytest.param(replace(SERVICE, health=None), id="health check of the image"),
        pytest.param(replace(SERVICE, ports=(PublishedPort(8444, "tcp"),)), id="port"),
        pytest.param(replace(SERVICE, ports=(PublishedPort(8443, "udp"),)), id="protocol"),
        pytest.param(replace(SERVICE, routes=(Route("b.example.com", 3000),)), id="host name"),
        pytest.param(replace(SERVICE, routes=(Route("a.example.com", 3001),)), id="port of a route"),
        pytest.param(replace(SERVICE, routes=(Route("a.example.com", 3000, "/b"),)), id="path"),
        pytest.param(replace(SERVICE, stop=11), id="time to stop"),
        pytest.param(replace(SERVICE, joins=("other",)), id="network of another app"),
        pytest.param(replace(SERVICE, machine_folders=(("/srv", "/srv"),)), id="folder of the machine"),
    ],
)
def test_it_changes_with_everything_that_a_container_is_made_of(changed: Service) -> None:
    assert revision(changed) != revision(SERVICE)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(
            replace(SERVICE, environment=dict(reversed(list(SERVICE.environment.items())))),
            id="order of variables",
        ),
        pytest.param(replace(SERVICE, startup=999), id="time to start"),
        pytest.param(replace(SERVICE, after=("postgres",)), id="what has to be healthy first"),
        pytest.param(
            replace(SERVICE, routes=(Route("a.example.com", 3000, upload_limit=9),)), id="upload limit"
        ),
        pytest.param(
            replace(SERVICE, routes=(Route("a.example.com", 3000, location=("gzip on",)),)),
            id="nginx directives",
        ),
        pytest.param(
            replace(SERVICE, mounts=(Mount(Volume("data", owner="1:1"), "/data"),)), id="owner of a volume"
        ),
    ],
)
def test_it_stays_with_everything_else(changed: Service) -> None:
    assert revision(changed) == revision(SERVICE)


def test_it_changes_with_the_arguments_of_a_built_image() -> None:
    one = BuiltImage("own", "1.0", Path("/context"), "d1", (("UID", "2000"),))
    other = BuiltImage("own", "1.0", Path("/context"), "d1", (("UID", "3000"),))
    assert revision(replace(SERVICE, image=one)) != revision(replace(SERVICE, image=other))


def test_it_does_not_depend_on_where_the_project_is_checked_out() -> None:
    here = BuiltImage("own", "1.0", Path("/here"), "d1")
    there = BuiltImage("own", "1.0", Path("/there"), "d1")
    assert revision(replace(SERVICE, image=here)) == revision(replace(SERVICE, image=there))


def test_another_secret_of_the_users_is_another_revision() -> None:
    service = replace(SERVICE, environment={"TOKEN": text(SuppliedSecret("token"))})
    made = {revision(service, {"token": fingerprint(secret, "chat")}) for secret in ("one", "other")}
    assert len(made) == 2


def test_a_secret_that_the_service_does_not_have_leaves_its_revision_alone() -> None:
    assert revision(SERVICE, {"token": fingerprint("one", "chat")}) == revision(SERVICE)


def test_a_fingerprint_does_not_tell_where_the_same_secret_is_used() -> None:
    assert fingerprint("one", "chat") == fingerprint("one", "chat") != fingerprint("one", "social")
