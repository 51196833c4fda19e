"""A third kind of app: any image that serves HTTP, with a database, in a zone of its own.

One stands for all that such an app can do; the other is a real application, as the README shows it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.cloud import Cloud
from tests.e2e import reader
from tests.e2e.confined import confined, expected
from tests.e2e.deployed import HOSTNAME, Deployed, changed
from tests.e2e.reader import Reader
from tests.e2e.social import browser
from tests.e2e.test_several_apps import apps

ZONE = "pages.test"
NAME = f"www.{ZONE}"
APP: dict[str, object] = {
    "kind": "web",
    "name": "pages",
    "hostname": NAME,
    "image": "nginx:1.31.6",
    "port": 80,
    "environment": {"GREETING": "hello"},
    "volumes": [{"name": "html", "path": "/usr/share/nginx/html", "owner": "33:33"}],
    "postgres": {"version": "17.11", "memory": 96},
    "health": ["curl", "--silent", "--output", "/dev/null", "http://127.0.0.1/"],
}
DNS: dict[str, object] = {
    "homeport:dns": {"kind": "clouddns", "zones": [{"name": "homeport.test"}, {"name": ZONE}], "wait": 60}
}


def beside(app: dict[str, object], version: str = reader.OLDER, **more: object) -> dict[str, object]:
    """The stack's own app, this one and the reader, without mail."""
    stack = {**apps(app), **DNS}
    del stack["homeport:mail"]
    return reader.beside(stack, {**reader.of_version(version), **more})


def container(deployed: Deployed, service: str, app: str = "pages") -> str:
    """Id of an app's container."""
    listed = ("ps", "--quiet", "--filter", f"label=homeport.app={app}")
    return deployed.docker(*listed, "--filter", f"label=homeport.service={service}")


def exec_in(deployed: Deployed, service: str, script: str) -> str:
    """What a shell command prints inside a container of the app."""
    return deployed.docker("exec", container(deployed, service), "sh", "-euc", script)


@pytest.fixture(scope="module")
def pages(deployed: Deployed) -> Iterator[None]:
    """The apps, added to the stack; one with a page in its volume."""
    for zone in (ZONE, reader.ZONE):
        Cloud(deployed.box.directory).ensure_zone(zone)
    deployed.with_changes(beside(APP)).set_secrets({reader.SECRET: reader.PASSWORD})
    deployed.engine.up()
    exec_in(deployed, "web", "echo 'a page that lasts' >/usr/share/nginx/html/index.html")
    yield
    # First their data may go, then they go.
    deployed.up(beside({**APP, "deleteData": True}, reader.NEWER, deleteData=True))
    deployed.engine.remove_config(reader.SECRET)
    deployed.up()


def test_two_apps_in_two_zones_answer_with_certificates_of_their_own(deployed: Deployed, pages: None) -> None:
    with browser(deployed, NAME) as visitor:
        assert visitor.get("/").text == "a page that lasts\n"
    with browser(deployed, HOSTNAME) as visitor:
        assert visitor.get("/api/v4/system/ping").status_code == 200


def test_an_update_without_changes_does_nothing(deployed: Deployed, pages: None) -> None:
    assert changed(deployed.up(beside(APP))) == {}


def test_its_database_answers_at_the_url_in_its_environment(deployed: Deployed, pages: None) -> None:
    url = exec_in(deployed, "web", 'printf %s "$DATABASE_URL"')
    assert exec_in(deployed, "postgres", f"psql --no-align --tuples-only '{url}' -c 'SELECT 6 * 7'") == "42"


def test_its_volume_belongs_to_the_user_that_the_settings_name(deployed: Deployed, pages: None) -> None:
    assert exec_in(deployed, "web", "stat -c %u:%g /usr/share/nginx/html") == "33:33"


def test_it_can_step_down_from_root_and_nothing_that_it_would_not_need_for_that(
    deployed: Deployed, pages: None
) -> None:
    needed = frozenset({"CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID"})
    assert confined(deployed, container(deployed, "web")) == expected(0, "/", capabilities=needed)


@pytest.fixture(scope="module")
def category(deployed: Deployed, pages: None) -> str:
    """What somebody added to the reader, in the older version."""
    Reader.log_in(deployed).add_category("kept by an update")
    return "kept by an update"


def test_somebody_logs_in_to_the_readmes_application_and_adds_something(
    deployed: Deployed, category: str
) -> None:
    person = Reader.log_in(deployed)
    assert category in person.categories()
    assert reader.OLDER in person.about()


def test_the_readmes_application_has_no_rights_and_writes_nowhere(deployed: Deployed, pages: None) -> None:
    assert confined(deployed, container(deployed, "web", "reader")) == expected(65534)


@pytest.fixture(scope="module")
def changed_pages(deployed: Deployed, pages: None, category: str) -> None:
    """Other images, and no more than it needs for the one."""
    confinement = {
        "readOnly": True,
        "scratch": ["/run", "/var/cache/nginx"],
        "capabilities": ["CHOWN", "SETGID", "SETUID"],
    }
    before = reader.schema(deployed)
    deployed.up(beside({**APP, "image": "nginx:1.30.5", **confinement}, reader.NEWER))
    assert reader.schema(deployed) == before + 3


def test_a_new_image_keeps_its_volume(deployed: Deployed, changed_pages: None) -> None:
    with browser(deployed, NAME) as visitor:
        assert visitor.get("/").text == "a page that lasts\n"


def test_it_can_do_and_write_no_more_than_the_settings_say(deployed: Deployed, changed_pages: None) -> None:
    assert confined(deployed, container(deployed, "web")) == expected(
        *(0, "/run", "/usr/share/nginx/html", "/var/cache/nginx"),
        capabilities=frozenset({"CHOWN", "SETGID", "SETUID"}),
    )


def test_a_new_version_migrates_its_database_and_keeps_what_is_in_it(
    deployed: Deployed, changed_pages: None, category: str
) -> None:
    person = Reader.log_in(deployed)
    assert category in person.categories()
    assert reader.NEWER in person.about()


def test_the_version_after_the_update_is_the_readmes(changed_pages: None) -> None:
    assert reader.of_version(reader.NEWER) == reader.example()
