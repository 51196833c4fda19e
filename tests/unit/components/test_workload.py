"""An app as plain data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from components.confinement import Confinement
from components.workload import (
    Access,
    Administrator,
    App,
    BuiltImage,
    GeneratedHex,
    GeneratedPassword,
    Job,
    Memory,
    Mount,
    Printed,
    PublishedImage,
    PublishedPort,
    Route,
    Service,
    SuppliedSecret,
    Volume,
    text,
)

IMAGE = PublishedImage("image:1.0")
CONFINEMENT = Confinement(user="1000:1000")
SHARED, OWN = Volume("shared", owner="1000:1000"), Volume("own")
DATABASE, MAIL, STREAM = GeneratedPassword("database"), SuppliedSecret("mail"), SuppliedSecret("stream")
AGAIN, PASSWORD, KEY = SuppliedSecret("again"), GeneratedPassword("admin"), GeneratedHex("key", 32)
WEB = Service(
    name="web",
    image=IMAGE,
    memory=Memory(300, swap=100),
    confinement=CONFINEMENT,
    environment={"URL": text("db://", DATABASE), "MAIL": text(MAIL), "PLAIN": "x"},
    mounts=(Mount(SHARED, "/data"), Mount(OWN, "/own")),
    routes=(Route("a.example.com", 3000),),
)
WORKER = Service(
    name="worker",
    image=IMAGE,
    memory=Memory(200),
    confinement=CONFINEMENT,
    environment={"URL": text("db://", DATABASE)},
    mounts=(Mount(SHARED, "/data", read_only=True),),
    routes=(Route("a.example.com", 4000, path="/stream"), Route("b.example.com", 4000, path="/stream")),
    ports=(PublishedPort(8443, "udp"),),
)
APP = App(
    name="app",
    kind="kind",
    version="1.0",
    url="https://a.example.com",
    services=(WEB, WORKER),
    jobs=(Job("seed", "web", ("seed", text(STREAM, DATABASE)), "once", then=("reseed", text(AGAIN))),),
    administrator=Administrator("ada", "ada@example.com", PASSWORD),
    identity={"NAME": "app", "KEY": text(KEY)},
)


def test_a_service_is_found_by_its_name() -> None:
    assert APP.service("worker") is WORKER


def test_a_service_that_is_not_there_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match="app has no service cache"):
        APP.service("cache")


def test_a_volume_of_two_services_counts_once_in_the_order_of_first_use() -> None:
    assert APP.volumes == (SHARED, OWN)


def test_routes_come_in_the_order_of_the_services() -> None:
    assert [(route.hostname, route.path) for route in APP.routes] == [
        ("a.example.com", "/"),
        ("a.example.com", "/stream"),
        ("b.example.com", "/stream"),
    ]


def test_a_host_name_of_two_routes_counts_once() -> None:
    assert APP.hostnames == ("a.example.com", "b.example.com")


def test_published_ports_are_those_of_every_service() -> None:
    assert APP.published_ports == (PublishedPort(8443, "udp"),)


def test_memory_is_the_sum_of_the_limits_without_swap() -> None:
    assert APP.memory == 500


def test_secrets_are_those_of_identity_environments_jobs_and_administrator_each_once() -> None:
    assert list(APP.secrets()) == [KEY, DATABASE, MAIL, STREAM, AGAIN, PASSWORD]


def test_what_only_a_job_or_the_proxy_needs_is_among_the_secrets() -> None:
    role, access = GeneratedPassword("role"), GeneratedPassword("access")
    job = Job("role", "web", ("make",), "before", inside=True, environment={"ROLE": text(role)})
    app = replace(APP, jobs=(job,), access=Access("ops", access))
    assert {role, access} <= set(app.secrets())


def test_a_password_that_a_job_prints_is_no_secret_to_be_made() -> None:
    administrator = Administrator("ada", "ada@example.com", Printed("seed", "Password:"))
    assert PASSWORD not in set(replace(APP, administrator=administrator).secrets())


@pytest.mark.parametrize(
    "other",
    [Route("b.example.com", 4000), Route("b.example.com", 3000, path="/stream")],
    ids=["port", "path"],
)
def test_routes_that_one_container_cannot_tell_the_proxy_are_refused(other: Route) -> None:
    with pytest.raises(ValueError, match="the routes of web differ"):
        replace(WEB, routes=(*WEB.routes, other))


def test_an_app_without_secrets_mentions_none() -> None:
    assert list(App("a", "k", "1.0", "", (Service("s", IMAGE, Memory(1), CONFINEMENT),)).secrets()) == []


def test_a_built_image_is_named_after_its_version_its_arguments_and_its_folders_content() -> None:
    image = BuiltImage("own/image", "1.0", Path("/context"), "d1", (("EDITION", "team"), ("UID", "3000")))
    assert image.reference == "own/image:1.0-team-3000-d1"


def test_a_built_image_without_arguments_is_named_after_its_version_and_content() -> None:
    assert BuiltImage("own/image", "1.0", Path("/context"), "d1").reference == "own/image:1.0-d1"
