from __future__ import annotations

from collections.abc import Collection

import pytest

from bench.compose import major_version
from bench.copies import Inspected, Service, compose_file


def container(environment: list[str] | None = None) -> Inspected:
    return {
        "Name": "/sandbox-chat",
        "Config": {"Env": environment or [], "Image": "sha256:abc"},
        "HostConfig": {
            "Binds": ["data-1:/data:rw", "/var/run/docker.sock:/tmp/docker.sock:ro"],
            "LogConfig": {"Type": "local", "Config": {"max-file": "3"}},
            "Memory": 100,
            "MemorySwap": 200,
            "MemoryReservation": 50,
            "SecurityOpt": ["no-new-privileges:true"],
        },
        "NetworkSettings": {"Networks": {"front-1": {}, "back-1": {}}},
    }


def copy(model: Inspected, awake: Collection[str] = ()) -> Service:
    services = compose_file([model], {"sha256:abc": "chat:1.0"}, awake)["services"]
    assert isinstance(services, dict)
    service: Service = services["copy-of-sandbox-chat"]
    return service


def test_an_image_is_called_by_its_reference() -> None:
    assert copy(container())["image"] == "chat:1.0"


def test_the_edge_does_not_take_a_copy_for_an_app() -> None:
    variables = ["VIRTUAL_HOST=chat.example.com", "ACME_HOST=chat.example.com"]
    assert set(copy(container(variables))["environment"]) == {"COPY_OF_VIRTUAL_HOST", "COPY_OF_ACME_HOST"}


def test_a_dollar_sign_survives_compose() -> None:
    assert copy(container(["PASSWORD=a$b=c"]))["environment"] == {"PASSWORD": "a$$b=c"}


def test_a_copy_sleeps() -> None:
    assert copy(container())["entrypoint"] == ["sleep", "infinity"]


def test_a_copy_whose_image_cannot_sleep_does_what_its_model_does() -> None:
    assert "entrypoint" not in copy(container(), {"sha256:abc"})


def test_limits_are_those_of_the_model() -> None:
    service = copy(container())
    assert (service["mem_limit"], service["memswap_limit"], service["mem_reservation"]) == (100, 200, 50)


def test_networks_are_there_already() -> None:
    assert compose_file([container()], {}, set())["networks"] == {
        "back-1": {"external": True},
        "front-1": {"external": True},
    }


def test_a_file_of_the_machine_is_no_volume() -> None:
    assert compose_file([container()], {}, set())["volumes"] == {"data-1": {"external": True}}


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Docker Compose version v2.40.3", 2),
        ("5.1.2", 5),
        ("docker-compose version 1.29.2", 1),
        ("none", None),
    ],
)
def test_the_version_of_compose_is_read(text: str, version: int | None) -> None:
    assert major_version(text) == version
