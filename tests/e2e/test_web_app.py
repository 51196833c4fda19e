"""A third kind of app: any image that serves HTTP, with a database, in a zone of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.cloud import Cloud
from tests.e2e.confined import confined, expected
from tests.e2e.deployed import HOSTNAME, Deployed, changed
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


def beside(app: dict[str, object]) -> dict[str, object]:
    """The stack's own app and this one, without mail."""
    stack = {**apps(app), **DNS}
    del stack["homeport:mail"]
    return stack


def container(deployed: Deployed, service: str) -> str:
    """Id of the app's container."""
    listed = ("ps", "--quiet", "--filter", "label=homeport.app=pages")
    return deployed.docker(*listed, "--filter", f"label=homeport.service={service}")


def exec_in(deployed: Deployed, service: str, script: str) -> str:
    """What a shell command prints inside a container of the app."""
    return deployed.docker("exec", container(deployed, service), "sh", "-euc", script)


@pytest.fixture(scope="module")
def pages(deployed: Deployed) -> Iterator[None]:
    """The app, added to the stack with a page in its volume."""
    Cloud(deployed.box.directory).ensure_zone(ZONE)
    deployed.up(beside(APP))
    exec_in(deployed, "web", "echo 'a page that lasts' >/usr/share/nginx/html/index.html")
    yield
    # First its data may go, then it goes.
    deployed.up(beside({**APP, "deleteData": True}))
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
def changed_pages(deployed: Deployed, pages: None) -> None:
    """Another image, and no more than it needs."""
    confinement = {
        "readOnly": True,
        "scratch": ["/run", "/var/cache/nginx"],
        "capabilities": ["CHOWN", "SETGID", "SETUID"],
    }
    deployed.up(beside({**APP, "image": "nginx:1.30.5", **confinement}))


def test_a_new_image_keeps_its_volume(deployed: Deployed, changed_pages: None) -> None:
    with browser(deployed, NAME) as visitor:
        assert visitor.get("/").text == "a page that lasts\n"


def test_it_can_do_and_write_no_more_than_the_settings_say(deployed: Deployed, changed_pages: None) -> None:
    assert confined(deployed, container(deployed, "web")) == expected(
        *(0, "/run", "/usr/share/nginx/html", "/var/cache/nginx"),
        capabilities=frozenset({"CHOWN", "SETGID", "SETUID"}),
    )
