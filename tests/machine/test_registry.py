"""The sandbox's registry, asked as a machine asks it."""

from __future__ import annotations

import http
import json
import socket
from http.client import HTTPResponse, HTTPSConnection

import pytest

from sandbox.box import Box
from tools.tls_contexts import strict_context

KINDS = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"


class DockerHub(HTTPSConnection):
    """A connection to Docker Hub, by name; it is at the cloud's address."""

    def __init__(self, box: Box, address: str) -> None:
        self._context = strict_context(box.authority.certificate)
        self._address = address
        super().__init__("registry-1.docker.io", context=self._context, timeout=300)

    def connect(self) -> None:
        plain = socket.create_connection((self._address, 443), timeout=300)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)

    def ask(self, path: str) -> HTTPResponse:
        self.request("GET", path, headers={"Accept": KINDS})
        return self.getresponse()


@pytest.fixture
def hub(bootstrap_box: Box) -> DockerHub:
    return DockerHub(bootstrap_box, bootstrap_box.start().cloud_address)


def test_an_image_is_made_when_it_is_pulled(hub: DockerHub) -> None:
    answer = hub.ask("/v2/mattermost/mattermost-team-edition/manifests/10.12.0")
    manifest = json.loads(answer.read())
    assert answer.status == http.HTTPStatus.OK
    layers = hub.ask(f"/v2/mattermost/mattermost-team-edition/blobs/{manifest['config']['digest']}")
    variables = json.loads(layers.read())["config"]["Env"]
    assert "HOMEPORT_STANDIN_VERSION=10.12.0" in variables


@pytest.mark.parametrize(
    "name", ["mattermost/mattermost-team-edition/manifests/1.0", "library/mysql/manifests/8"]
)
def test_what_is_not_in_the_catalogue_is_not_found(hub: DockerHub, name: str) -> None:
    answer = hub.ask(f"/v2/{name}")
    assert answer.status == http.HTTPStatus.NOT_FOUND
    assert b"UNKNOWN" in answer.read()


def test_who_pulls_what_cannot_be_made_is_told_why(
    hub: DockerHub, bootstrap_box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An image that no checkout has made: nobody can have it in the registry.
    names = bootstrap_box.registry.folder / "names.json"
    published = json.loads(names.read_text())
    published["library/nginx"]["1.31.6"] = "nginx-of-another-checkout"
    names.write_text(json.dumps(published))
    answer = hub.ask("/v2/library/nginx/manifests/1.31.6")
    assert answer.status == http.HTTPStatus.NOT_FOUND
    assert b"there is no image nginx-of-another-checkout" in answer.read()


def test_who_pulls_while_nobody_makes_images_does_not_wait(hub: DockerHub, bootstrap_box: Box) -> None:
    names = bootstrap_box.registry.folder / "names.json"
    published = json.loads(names.read_text())
    published["library/nginx"]["1.31.6"] = "nginx-that-is-not-there"
    names.write_text(json.dumps(published))
    bootstrap_box.registry.stop()
    answer = hub.ask("/v2/library/nginx/manifests/1.31.6")
    assert answer.status == http.HTTPStatus.NOT_FOUND
    assert b"make demo" in answer.read()
