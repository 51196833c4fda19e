"""The app kind `web`."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.apps.postgres import PostgresSettings
from components.apps.web import WebSettings, WebVolume
from components.workload import App, Mount, Route, SuppliedSecret, Text, Volume, text

URL = "https://read.example.com"


def settings(**changes: object) -> WebSettings:
    known: dict[str, object] = {
        "kind": "web",
        "name": "reader",
        "hostname": "read.example.com",
        "image": "ghcr.io/miniflux/miniflux:2.2.13",
        "port": 8080,
    }
    return WebSettings.model_validate({**known, **changes})


def app(**changes: object) -> App:
    return settings(**changes).app(URL, None)


def test_it_is_one_service_behind_the_proxy() -> None:
    (service,) = app(uploadLimit=20).services
    assert service.image.reference == "ghcr.io/miniflux/miniflux:2.2.13"
    assert service.routes == (Route("read.example.com", 8080, upload_limit=20),)
    assert not service.stateful


def test_its_version_is_the_images() -> None:
    assert app().version == "2.2.13"


def test_with_a_database_it_gets_the_url_and_waits_for_it() -> None:
    database, service = app(postgres=PostgresSettings(), environment={"RUN_MIGRATIONS": "1"}).services
    assert (database.name, service.after) == ("postgres", ("postgres",))
    assert service.environment["RUN_MIGRATIONS"] == "1"
    url = service.environment["DATABASE_URL"]
    assert isinstance(url, Text)
    assert url.parts[0] == "postgres://reader:"


def test_the_databases_url_goes_into_the_variable_that_was_named() -> None:
    service = app(postgres=PostgresSettings(), databaseVariable="PG").service("web")
    assert "PG" in service.environment
    assert "DATABASE_URL" not in service.environment


def test_secrets_reach_their_variables() -> None:
    found = settings(secretEnvironment={"TOKEN": "readerToken", "COPY": "readerToken"})
    assert found.secrets == (SuppliedSecret("readerToken"),)
    environment = found.app(URL, None).service("web").environment
    assert environment["TOKEN"] == environment["COPY"] == text(SuppliedSecret("readerToken"))


def test_volumes_are_mounted_where_the_application_expects_them() -> None:
    volume = WebVolume(name="feeds", path="/var/feeds", owner="1000:1000")
    assert app(volumes=[volume]).service("web").mounts == (Mount(Volume("feeds", "1000:1000"), "/var/feeds"),)


def test_the_images_own_health_check_counts_where_none_is_given() -> None:
    assert app().service("web").health is None
    health = app(health=["miniflux", "-healthcheck", "auto"]).service("web").health
    assert health is not None
    assert health.command == ("miniflux", "-healthcheck", "auto")


def test_its_data_stays_unless_the_settings_say_otherwise() -> None:
    assert [app().delete_data, app(deleteData=True).delete_data] == [False, True]


@pytest.mark.parametrize(
    "image", ["miniflux", "miniflux:latest", "miniflux:stable", "Miniflux:1.0", "miniflux:1.0 x", ":1.0"]
)
def test_an_image_without_a_version_is_refused(image: str) -> None:
    with pytest.raises(ValidationError, match="an image with its version"):
        settings(image=image)


@pytest.mark.parametrize("image", ["miniflux:2", "registry.example.com:5000/a/b:v1.2.3-alpine"])
def test_an_image_with_a_version_is_accepted(image: str) -> None:
    assert settings(image=image).image == image


@pytest.mark.parametrize("changes", [{"environment": {"A-B": "1"}}, {"secretEnvironment": {"1A": "x"}}])
def test_a_name_that_is_no_variable_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="names of environment variables"):
        settings(**changes)


def test_an_owner_that_is_no_pair_of_numbers_is_refused() -> None:
    with pytest.raises(ValidationError, match="user and group as numbers"):
        WebVolume(name="feeds", path="/feeds", owner="www-data")


def test_an_unknown_image_can_step_down_from_root_and_write_where_it_likes() -> None:
    confinement = app().service("web").confinement
    assert confinement.user is None
    assert confinement.root
    assert confinement.writable
    assert set(confinement.capabilities) == {
        *("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID")
    }


def test_with_a_user_it_has_no_capability_and_its_volumes_are_that_users() -> None:
    own, other = WebVolume(name="own", path="/own"), WebVolume(name="other", path="/other", owner="5:5")
    service = app(user="1000:1001", volumes=[own, other]).service("web")
    assert (service.confinement.user, service.confinement.capabilities) == ("1000:1001", ())
    assert [mount.volume.owner for mount in service.mounts] == ["1000:1001", "5:5"]


def test_capabilities_that_were_named_are_all_it_has() -> None:
    assert app(capabilities=["NET_RAW"]).service("web").confinement.capabilities == ("CAP_NET_RAW",)
    assert app(capabilities=[]).service("web").confinement.capabilities == ()


def test_read_only_it_writes_its_scratch_folders_alone() -> None:
    confinement = app(readOnly=True, scratch=["/tmp", "/run"]).service("web").confinement
    assert confinement.read_only
    assert confinement.scratch == ("/tmp", "/run")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scratch": ["/tmp"]},
        {"readOnly": True, "scratch": ["tmp"]},
        {"user": "0:0"},
        {"user": "www-data"},
        {"capabilities": ["SYS_ADMIN"]},
        {"capabilities": ["CAP_CHOWN"]},
    ],
)
def test_what_would_not_confine_it_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)


@pytest.mark.parametrize(
    "path",
    [
        "data",
        "./data",
        "/",
        "//",
        "/data:ro",
        "/data/../etc",
        "/a//b",
        "/proc",
        "/proc/sys",
        "/sys/fs",
        "/dev/shm",
        "/a\n",
    ],
)
@pytest.mark.parametrize("key", ["volumes", "scratch"])
def test_a_folder_that_docker_mounts_nothing_on_is_refused(key: str, path: str) -> None:
    value: object = [{"name": "data", "path": path}] if key == "volumes" else [path]
    with pytest.raises(ValidationError, match=key):
        settings(readOnly=True, **{key: value})


@pytest.mark.parametrize(
    "volumes",
    [
        [{"name": "a", "path": "/data"}, {"name": "b", "path": "/data/"}],
        [{"name": "a", "path": "/data"}, {"name": "a", "path": "/other"}],
    ],
)
def test_two_volumes_of_one_name_or_at_one_place_are_refused(volumes: list[object]) -> None:
    with pytest.raises(ValidationError, match="different names and paths"):
        settings(volumes=volumes)


def test_a_volume_may_be_inside_another() -> None:
    paths = ["/var/www/html", "/var/www/html/data"]
    (service,) = app(volumes=[{"name": f"v{at}", "path": path} for at, path in enumerate(paths)]).services
    assert [mount.path for mount in service.mounts] == paths


def test_a_scratch_folder_at_a_volumes_place_is_refused() -> None:
    with pytest.raises(ValidationError, match="no volume's path; not /data"):
        settings(readOnly=True, volumes=[{"name": "data", "path": "/data"}], scratch=["/data"])


@pytest.mark.parametrize("name", ["user", "order", "table", "pg-stats", "public", "template1"])
def test_a_name_that_postgresql_reserves_is_refused_with_a_database(name: str) -> None:
    with pytest.raises(ValidationError, match="which PostgreSQL reserves"):
        settings(name=name, postgres={})
    assert app(name=name).name == name


def test_a_volume_with_the_name_of_the_databases_is_refused() -> None:
    with pytest.raises(ValidationError, match="which is where the database keeps its data"):
        settings(postgres={"version": "17.10"}, volumes=[{"name": "postgres-17", "path": "/data"}])


def test_an_image_by_its_digest_is_refused_as_one_without_a_version() -> None:
    with pytest.raises(ValidationError, match="without a digest: a digest stays the same for ever"):
        settings(image=f"ghcr.io/miniflux/miniflux@sha256:{'0' * 64}")
