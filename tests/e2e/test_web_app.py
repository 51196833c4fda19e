"""A third kind of app: any image that serves HTTP, with a database, in a zone of its own."""

from __future__ import annotations

import resource
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from components.budget import edge_memory
from components.edge.connections import Connections
from components.host.machine_types import MACHINE_TYPES
from sandbox.cloud import Cloud
from tests.e2e.confined import confined, expected
from tests.e2e.deployed import HOSTNAME, Deployed, changed
from tests.e2e.social import browser, trust
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


MOVED = f"second.{ZONE}"
"""Where the app moves to."""
SHOP: dict[str, object] = {
    "kind": "web",
    "name": "shop",
    "hostname": NAME,
    "image": "nginx:1.31.6",
    "port": 80,
    "command": ["sh", "-c", "echo a shop >/usr/share/nginx/html/index.html; exec nginx -g 'daemon off;'"],
    "health": APP["health"],
}
"""Another app, which takes the name that the first one leaves."""
LEFT = f"""
rm -r /vhost.d/.names/{NAME}
echo 'location / {{ return 301 https://gone.{ZONE}; }}' >/vhost.d/{NAME}_location_override
echo 'proxy_read_timeout 600s;' >/vhost.d/{NAME}_location
echo 'user:hash' >/htpasswd/{NAME}
echo sandbox-gone-web-1234567 >/conf.d/serving/gone"""
"""What releases before left at a host name, without a note of whose it is."""


def beside(*more: dict[str, object]) -> dict[str, object]:
    """The stack's own app and these, without mail."""
    stack = {**apps(*more), **DNS}
    del stack["homeport:mail"]
    return stack


def container(deployed: Deployed, service: str) -> str:
    """Id of the app's container."""
    listed = ("ps", "--quiet", "--filter", "label=homeport.app=pages")
    return deployed.docker(*listed, "--filter", f"label=homeport.service={service}")


def exec_in(deployed: Deployed, service: str, script: str) -> str:
    """What a shell command prints inside a container of the app."""
    return deployed.docker("exec", container(deployed, service), "sh", "-euc", script)


def in_volumes(deployed: Deployed, script: str) -> str:
    """What a shell command prints that finds the volumes of nginx."""
    nginx = deployed.inspect(deployed.container("nginx"))[0]
    mounts = nginx["Mounts"]
    assert isinstance(mounts, list)
    folders = {str(mount["Destination"]).rsplit("/", 1)[-1]: mount.get("Name") for mount in mounts}
    volumes = [f"--volume={folders[name]}:/{name}" for name in ("conf.d", "htpasswd", "vhost.d")]
    return deployed.docker("run", "--rm", *volumes, "--entrypoint=sh", str(nginx["Image"]), "-euc", script)


class Visitor(threading.Thread):
    """Somebody who asks for the page at a name again and again, and notes who answers it."""

    def __init__(self, deployed: Deployed) -> None:
        super().__init__(daemon=True)
        self._deployed = deployed
        self._over = threading.Event()
        self.answers: list[str] = []

    def run(self) -> None:
        """Ask until told to stop."""
        with browser(self._deployed, NAME) as visitor:
            while not self._over.wait(0.1):
                answer = visitor.get("/")
                self.answers.append("shop" if answer.text == "a shop\n" else f"pages {answer.status_code}")

    def __enter__(self) -> Visitor:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


class Crowd:
    """Clients that send a request but for its last byte, and wait: as nginx sees it, each is being served."""

    def __init__(self, deployed: Deployed, hostname: str) -> None:
        self._address = deployed.address
        self._hostname = hostname
        self._trust = trust(deployed)
        self._there: list[ssl.SSLSocket] = []

    def arrive(self, patience: float) -> int | None:
        """Let one more come; the status with which it is refused within so many seconds, or None."""
        opened = socket.create_connection((self._address, 443), timeout=10)
        client = self._trust.wrap_socket(opened, server_hostname=self._hostname)
        client.sendall(f"POST / HTTP/1.1\r\nHost: {self._hostname}\r\nContent-Length: 2\r\n\r\n1".encode())
        self._there.append(client)
        client.settimeout(patience)
        try:
            return status(client)
        except TimeoutError:
            return None
        finally:
            client.settimeout(10)

    def finish_first(self) -> int:
        """Send what is missing of the first one's request; the status of its answer."""
        self._there[0].sendall(b"2")
        return status(self._there[0])

    def __enter__(self) -> Crowd:
        _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._there:
            client.close()


def status(client: ssl.SSLSocket) -> int:
    """The status of the answer that comes next."""
    return int(client.recv(4096).split()[1])


@pytest.fixture(scope="module")
def pages(deployed: Deployed) -> Iterator[None]:
    """The app, added to the stack with a page in its volume."""
    Cloud(deployed.box.directory).ensure_zone(ZONE)
    deployed.up(beside(APP))
    exec_in(deployed, "web", "echo 'a page that lasts' >/usr/share/nginx/html/index.html")
    yield
    # The last test says that its data may go.
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
def visitor(deployed: Deployed, pages: None) -> Visitor:
    """Who was at the name while the app got another image, no more rights than it needs and another name, and
    another app took that over."""
    confinement = {
        "readOnly": True,
        "scratch": ["/run", "/var/cache/nginx"],
        "capabilities": ["CHOWN", "SETGID", "SETUID"],
    }
    in_volumes(deployed, LEFT)
    deployed.docker("kill", "--signal", "HUP", deployed.container("docker-gen"))
    with Visitor(deployed) as visitor:
        deployed.up(beside({**APP, "hostname": MOVED, "image": "nginx:1.30.5", **confinement}, SHOP))
    return visitor


def test_an_app_that_takes_over_a_name_answers_there_alone_from_then_on(visitor: Visitor) -> None:
    first = visitor.answers.index("shop")
    assert first > 0
    assert set(visitor.answers[first:]) == {"shop"}


def test_nothing_that_was_left_at_the_name_stays(deployed: Deployed, visitor: Visitor) -> None:
    left = in_volumes(deployed, "cd /vhost.d; ls; ls .names; ls /htpasswd /conf.d/serving").split()
    assert {HOSTNAME, NAME, MOVED} <= set(left)
    assert {f"{NAME}_location_override", f"{NAME}_location", "gone"}.isdisjoint(left)
    assert in_volumes(deployed, "ls /htpasswd") == ""


def test_a_new_image_at_another_name_keeps_its_volume(deployed: Deployed, visitor: Visitor) -> None:
    with browser(deployed, MOVED) as somebody:
        assert somebody.get("/").text == "a page that lasts\n"


def test_it_can_do_and_write_no_more_than_the_settings_say(deployed: Deployed, visitor: Visitor) -> None:
    assert confined(deployed, container(deployed, "web")) == expected(
        *(0, "/run", "/usr/share/nginx/html", "/var/cache/nginx"),
        capabilities=frozenset({"CHOWN", "SETGID", "SETUID"}),
    )


@pytest.mark.long
def test_a_crowd_at_one_name_is_refused_without_harm_to_others(deployed: Deployed, visitor: Visitor) -> None:
    most = Connections(edge_memory(MACHINE_TYPES["e2-small"])["nginx"]).requests_of_a_name
    with Crowd(deployed, NAME) as crowd:
        assert {crowd.arrive(patience=0.002) for _ in range(most - 20)} == {None}
        assert [crowd.arrive(patience=0.2) for _ in range(30)][-10:] == [503] * 10
        # Another name is served as before, and so is who is there.
        assert deployed.https("/api/v4/system/ping").status == 200
        assert crowd.finish_first() == 405


def test_an_app_that_goes_leaves_nothing_at_the_edge_and_what_took_its_name_all(
    deployed: Deployed, visitor: Visitor
) -> None:
    deployed.up(beside({**APP, "deleteData": True}))
    with browser(deployed, NAME) as somebody:
        assert somebody.get("/").text == "a page that lasts\n"
    names = in_volumes(deployed, "ls /vhost.d/.names").split()
    assert sorted(names) == sorted([HOSTNAME, NAME])
    assert set(in_volumes(deployed, "ls /vhost.d").split()) == {HOSTNAME, f"{HOSTNAME}_location", NAME}
    assert sorted(in_volumes(deployed, "ls /conf.d/serving").split()) == ["mattermost", "pages"]


def data(deployed: Deployed) -> list[str]:
    """Names of the app's volumes."""
    return deployed.docker("volume", "ls", "--quiet", "--filter", "name=^sandbox-pages-").split()


@pytest.fixture(scope="module")
def back(deployed: Deployed, pages: None) -> None:
    """The app goes, and comes back with data that may go the next time."""
    deployed.up(beside(APP))
    others, kept = deployed.container("mattermost"), data(deployed)
    deployed.up(beside())
    assert deployed.docker("ps", "--quiet", "--filter", "label=homeport.app=pages") == ""
    assert (deployed.container("mattermost"), data(deployed)) == (others, kept)
    deployed.up(beside({**APP, "deleteData": True}))


def test_an_app_that_was_removed_comes_back_to_its_data(deployed: Deployed, back: None) -> None:
    with browser(deployed, NAME) as somebody:
        assert somebody.get("/").text == "a page that lasts\n"


def test_an_app_whose_data_may_go_takes_it_along(deployed: Deployed, back: None) -> None:
    assert data(deployed) != []
    deployed.up(beside())
    assert data(deployed) == []
