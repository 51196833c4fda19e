"""Metrics behind a password: added to a running stack, read, and taken away again."""

from __future__ import annotations

import copy
import http.client
import re
import ssl
import threading
import time
from collections import Counter

import pytest
import yaml

from sandbox.engine import homeport
from sandbox.https import Answer, get
from tests.e2e.confined import Confined, confined, expected
from tests.e2e.deployed import HOSTNAME as CHAT
from tests.e2e.deployed import Deployed, changed, connects
from tests.engine.killed_update import wait_until
from tools.tls_contexts import unverified_context

HOSTNAME = "metrics.homeport.test"
SECTION: dict[str, object] = {"homeport:metrics": {"hostname": HOSTNAME}}
PAGES = ("/node", "/postgres/mattermost", "/app/mattermost")


def with_app(**settings: object) -> dict[str, object]:
    """The section, and the stack's own app in the edition that has metrics."""
    shipped = copy.deepcopy(homeport("sandbox").config["homeport:apps"])
    assert isinstance(shipped, list)
    return {**SECTION, "homeport:apps": [{**shipped[0], "edition": "enterprise", **settings}]}


ON = with_app(metrics=True)


class Stranger:
    """Somebody who asks for the metrics all the time, without a password, over HTTP and HTTPS."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.statuses: Counter[int] = Counter()
        """Answers by status."""

    def __enter__(self) -> Stranger:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _ask(self) -> None:
        unverified = unverified_context()
        while not self._done.wait(0.05):
            for page in PAGES:
                for connection in (
                    http.client.HTTPConnection(self._address, timeout=3),
                    _Named(self._address, timeout=3, context=unverified),
                ):
                    try:
                        connection.request("GET", page, headers={"Host": HOSTNAME})
                        self.statuses[connection.getresponse().status] += 1
                    except OSError:
                        # Nothing there yet, or no certificate.
                        continue
                    finally:
                        connection.close()


class _Named(http.client.HTTPSConnection):
    """Connects to an address and asks for the metrics' host name in the handshake."""

    def __init__(self, address: str, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(address, timeout=timeout, context=context)
        self._tls = context

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=HOSTNAME)


@pytest.fixture(scope="module")
def stranger(deployed: Deployed) -> Stranger:
    """What somebody without a password saw while the metrics came."""
    with Stranger(deployed.address) as stranger:
        deployed.up(ON)
    return stranger


@pytest.fixture(scope="module")
def login(deployed: Deployed, stranger: Stranger) -> tuple[str, str]:
    """Name and password, from the stack's output."""
    access = output(deployed)["access"]
    assert isinstance(access, dict)
    return str(access["username"]), str(access["password"])


def output(deployed: Deployed) -> dict[str, object]:
    found = deployed.engine.outputs()["metrics"]
    assert isinstance(found, dict)
    return found


def scrape(deployed: Deployed) -> dict[str, Answer]:
    """What a Prometheus with the configuration of the output gets, by path."""
    (job,) = yaml.safe_load(str(output(deployed)["prometheus"]))["scrape_configs"]
    login = (job["basic_auth"]["username"], job["basic_auth"]["password"])
    answers: dict[str, Answer] = {}
    for target in job["static_configs"]:
        (host,), path = target["targets"], target["labels"]["__metrics_path__"]
        answers[path] = page(deployed, path, login, host)
    return answers


def page(deployed: Deployed, path: str, login: tuple[str, str] | None = None, host: str = HOSTNAME) -> Answer:
    return get(host, deployed.address, deployed.box.acme_root, path, login=login)


def series(answer: Answer, name: str) -> list[float]:
    """The values of all series of that name."""
    assert answer.status == 200
    found = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", answer.body.decode(), re.MULTILINE)
    return [float(value) for value in found]


def test_at_no_moment_of_the_update_were_they_open(stranger: Stranger) -> None:
    # Not found or unavailable before they are there, a redirect to HTTPS, and then: a password, please.
    assert stranger.statuses[401] > 0
    assert set(stranger.statuses) <= {301, 401, 404, 503}, stranger.statuses


@pytest.mark.parametrize("path", PAGES)
def test_without_a_password_nothing_is_shown(deployed: Deployed, stranger: Stranger, path: str) -> None:
    answer = page(deployed, path)
    assert answer.status == 401
    for series_of in (b"node_", b"pg_", b"mattermost_"):
        assert series_of not in answer.body


def test_without_the_file_of_passwords_nobody_gets_in(deployed: Deployed, login: tuple[str, str]) -> None:
    mounts = deployed.inspect(deployed.container("nginx"))[0]["Mounts"]
    assert isinstance(mounts, list)
    (volume,) = (mount["Name"] for mount in mounts if mount["Destination"] == "/etc/nginx/htpasswd")
    image = str(deployed.inspect(deployed.container("nginx"))[0]["Image"])

    def move(source: str, target: str) -> None:
        options = ("--rm", "--volume", f"{volume}:/passwords", "--entrypoint", "mv", image)
        deployed.docker("run", *options, f"/passwords/{source}", f"/passwords/{target}")
        # docker-gen looks anew, and nginx with it.
        deployed.docker("kill", "--signal", "HUP", deployed.container("docker-gen"))
        time.sleep(3)

    move("metrics", ".aside")
    try:
        for path in PAGES:
            assert page(deployed, path).status == 401
            assert page(deployed, path, login).status == 403
    finally:
        move(".aside", "metrics")
    assert page(deployed, "/node", login).status == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_wrong_password_is_refused(deployed: Deployed, login: tuple[str, str], path: str) -> None:
    assert page(deployed, path, (login[0], login[1][:-1])).status == 401
    assert page(deployed, path, ("somebody", login[1])).status == 401


def test_the_machine_tells_its_memory_and_its_data_disk(deployed: Deployed, login: tuple[str, str]) -> None:
    answer = page(deployed, "/node", login)
    (total,) = series(answer, "node_memory_MemTotal_bytes")
    assert total > 2**29
    mounted = re.findall(r'node_filesystem_size_bytes{.*mountpoint="([^"]+)"', answer.body.decode())
    assert "/data" in mounted
    assert max(series(answer, "node_load1")) >= 0


def test_the_database_is_up_and_tells_its_size(deployed: Deployed, login: tuple[str, str]) -> None:
    answer = page(deployed, "/postgres/mattermost", login)
    assert series(answer, "pg_up") == [1]
    assert 'pg_database_size_bytes{datname="mattermost"}' in answer.body.decode()


def test_the_app_tells_what_it_did(deployed: Deployed, login: tuple[str, str]) -> None:
    before = series(page(deployed, "/app/mattermost", login), "mattermost_http_requests_total")
    deployed.https("/api/v4/system/ping")
    answer = page(deployed, "/app/mattermost", login)
    assert series(answer, "mattermost_http_requests_total")[0] > before[0]
    assert b'mattermost_version_info{version="11.7.0"} 1' in answer.body


def test_a_page_can_be_read_and_nothing_be_sent_to_it(deployed: Deployed, stranger: Stranger) -> None:
    url = "http://127.0.0.1:8080/app/mattermost"
    curl = ("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}")
    forwarder = deployed.container("app-mattermost")
    assert deployed.docker("exec", forwarder, *curl, url) == "200"
    assert deployed.docker("exec", forwarder, *curl, "--data", "x", url) == "403"


def test_the_role_sees_statistics_and_no_data(deployed: Deployed, stranger: Stranger) -> None:
    ran = deployed.on_machine(
        *("docker", "exec", deployed.container("postgres"), "psql", "--username", "mattermost"),
        *("--command", "SET ROLE homeport_metrics", "--command", "SELECT * FROM users"),
    )
    assert "permission denied for table users" in ran.output


@pytest.mark.parametrize("path", [*PAGES, "/metrics"])
def test_the_apps_own_name_shows_none_of_it(deployed: Deployed, login: tuple[str, str], path: str) -> None:
    for credentials in (None, login):
        body = page(deployed, path, credentials, CHAT).body
        assert b"node_memory" not in body
        assert b"pg_up" not in body
        assert b"mattermost_http" not in body


@pytest.mark.parametrize(
    ("service", "allowed"),
    [
        ("node", expected(65534)),
        ("postgres-mattermost", expected(65534)),
        ("app-mattermost", expected(101, "/tmp")),
    ],
)
def test_an_exporter_can_do_and_write_what_it_was_given_and_no_more(
    deployed: Deployed, stranger: Stranger, service: str, allowed: Confined
) -> None:
    assert confined(deployed, deployed.container(service)) == allowed


@pytest.mark.parametrize("port", [8067, 8080, 9100, 9187])
def test_no_port_of_theirs_is_open_to_the_internet(deployed: Deployed, stranger: Stranger, port: int) -> None:
    assert not connects(deployed.address, port)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/metrics", "/debug/pprof/", "/postgres", "/probe?target=x"),
        *("/app", "/app/mattermost/", "/app/mattermost/debug/pprof/", "/app/mattermost/../metrics", "/app/x"),
    ],
)
def test_nothing_else_is_there_under_their_name(
    deployed: Deployed, login: tuple[str, str], path: str
) -> None:
    assert page(deployed, path, login).status == 404


def test_the_output_is_what_a_prometheus_needs(deployed: Deployed, login: tuple[str, str]) -> None:
    scraped = scrape(deployed)
    assert set(scraped) == set(PAGES)
    assert {answer.status for answer in scraped.values()} == {200}


def test_the_exporters_use_less_than_they_may(deployed: Deployed, login: tuple[str, str]) -> None:
    for path in PAGES * 3:
        page(deployed, path, login)
    for service in ("node", "postgres-mattermost", "app-mattermost"):
        usage = deployed.docker(
            "stats", "--no-stream", "--format", "{{.MemPerc}}", deployed.container(service)
        )
        assert float(usage.rstrip("%")) < 80, f"{service}: {usage}"


def test_an_update_without_changes_does_nothing(deployed: Deployed, stranger: Stranger) -> None:
    assert changed(deployed.up(ON)) == {}


@pytest.mark.long
def test_the_page_of_an_app_goes_with_its_new_container(deployed: Deployed, login: tuple[str, str]) -> None:
    forwarder, server = deployed.container("app-mattermost"), deployed.container("mattermost")
    deployed.up(with_app(metrics=True, uploadLimit=50))
    assert deployed.container("mattermost") != server
    assert deployed.container("app-mattermost") == forwarder
    assert page(deployed, "/app/mattermost", login).status == 200


def test_an_app_that_serves_no_more_metrics_has_no_page(deployed: Deployed, login: tuple[str, str]) -> None:
    deployed.up(with_app())
    # nginx hears of the container that went a moment later.
    wait_until(lambda: page(deployed, "/app/mattermost", login).status == 404)
    assert set(scrape(deployed)) == {"/node", "/postgres/mattermost"}
    assert deployed.docker("ps", "--quiet", "--filter", "label=homeport.service=app-mattermost") == ""


def test_when_they_go_their_name_asks_nobody_for_a_password(deployed: Deployed, stranger: Stranger) -> None:
    deployed.up()
    folders = ("/etc/nginx/htpasswd", "/etc/nginx/vhost.d", "/etc/nginx/vhost.d/.names")
    listed = deployed.docker("exec", deployed.container("nginx"), "ls", "-A", *folders)
    assert HOSTNAME not in listed
    assert "metrics" not in listed
    assert deployed.docker("ps", "--quiet", "--filter", "label=homeport.app=metrics") == ""
