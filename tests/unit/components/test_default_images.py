"""The list of default images: whole, dated, and the only place of its kind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from components.apps.metrics import MetricsSettings
from components.apps.postgres import OLDEST, PostgresSettings
from components.apps.redis import RedisSettings, redis
from components.default_images import (
    DEFAULT_IMAGES,
    NGINX_PROXY_BASE,
    RELEASE_NOTES,
    DefaultImage,
    default_tag,
    default_version,
    line_numbers,
    newer_default,
    release_notes,
)
from components.domain import major
from components.edge.settings import EdgeSettings, PlainSettings
from components.image_tag import ImageTag
from sandbox.images.catalogue import PUBLISHED
from sandbox.registry import published_name

REPOSITORY = Path(__file__).parents[3]
REPOSITORIES = sorted({image.repository for image in DEFAULT_IMAGES})
IMAGE = re.compile(rf"\b({'|'.join(map(re.escape, REPOSITORIES))}|mattermost|mastodon|restic)[\w/-]*:v?\d")
VERSION = re.compile(r"v?\d+\.\d+(\.\d+)?(-\w+)?")
NO_VERSIONS = {
    # Of TLS, and of HTTP.
    *("1.0", "1.1", "1.2", "1.3"),
}


def tag(text: str) -> ImageTag:
    parsed = ImageTag.parse(text)
    assert parsed
    return parsed


every_image = pytest.mark.parametrize(
    "image", DEFAULT_IMAGES, ids=lambda image: f"{image.repository}:{image.tag}"
)


@every_image
def test_it_names_a_released_version(image: DefaultImage) -> None:
    assert not image.parsed.pre_release


@every_image
def test_its_day_is_written_and_not_in_the_future(image: DefaultImage) -> None:
    assert image.released, f"write the day of the release; it is in {image.release_notes}"
    assert image.release_date <= date.today()


@every_image
def test_its_release_notes_are_of_this_version(image: DefaultImage) -> None:
    assert image.repository in RELEASE_NOTES
    assert image.release_notes.startswith("https://")
    assert image.parsed.version in image.release_notes


def test_each_line_of_an_image_has_one_entry() -> None:
    lines = [
        (image.repository, image.parsed.line(line_numbers(image.repository))) for image in DEFAULT_IMAGES
    ]
    assert len(lines) == len(set(lines))


def test_the_settings_read_the_list() -> None:
    edge = EdgeSettings(certificate=PlainSettings(kind="none"))
    metrics = MetricsSettings(hostname="metrics.example.com")
    assert {
        "nginx": edge.nginx,
        "nginxproxy/nginx-proxy": edge.nginx_proxy,
        "nginxproxy/acme-companion": edge.acme_companion,
        "postgres": PostgresSettings().version,
        "redis": redis(RedisSettings()).image.reference.partition(":")[2],
        "valkey/valkey": redis(RedisSettings(engine="valkey")).image.reference.partition(":")[2],
        "prom/node-exporter": metrics.node_exporter,
        "prometheuscommunity/postgres-exporter": metrics.postgres_exporter,
    } == {repository: default_version(repository) for repository in REPOSITORIES}


def test_every_major_version_of_postgresql_that_the_settings_take_has_its_newest() -> None:
    majors = {major(image.tag) for image in DEFAULT_IMAGES if image.repository == "postgres"}
    assert majors == set(range(OLDEST, max(majors) + 1))


def test_nginx_is_not_older_than_the_one_that_the_template_of_nginx_proxy_is_made_for() -> None:
    nginx_proxy, nginx = NGINX_PROXY_BASE
    assert nginx_proxy == default_tag("nginxproxy/nginx-proxy"), (
        "say in NGINX_PROXY_BASE which nginx the new nginx-proxy is built on"
    )
    assert not tag(default_tag("nginx")).is_older(tag(nginx))


def test_nginx_proxy_is_the_image_that_has_docker_gen_alone() -> None:
    assert default_tag("nginxproxy/nginx-proxy").endswith("-dockergen")


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_the_sandbox_has_each_default(repository: str) -> None:
    name, version = published_name(f"{repository}:{default_tag(repository)}").rsplit(":", 1)
    _, versions = PUBLISHED[name]
    assert version in versions, f"add {version} to {name} in sandbox/images/catalogue.py"


def code() -> Iterator[tuple[Path, int, str]]:
    """Every text of the code that is deployed, docstrings left out: file, line and text."""
    for path in sorted([*REPOSITORY.glob("components/**/*.py"), *REPOSITORY.glob("stacks/**/*.py")]):
        if path.name == "default_images.py":
            continue
        tree = ast.parse(path.read_text())
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                yield path.relative_to(REPOSITORY), node.lineno, node.value


def scripts() -> Iterator[tuple[Path, int, str]]:
    """Every line of the scripts and Dockerfiles, comments left out."""
    found = [path for path in (REPOSITORY / "components").rglob("*") if path.suffix in {".sh", ".conf", ""}]
    for path in sorted(path for path in found if path.is_file()):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if not line.lstrip().startswith("#"):
                yield path.relative_to(REPOSITORY), number, line


def test_no_other_file_of_components_and_stacks_holds_the_version_of_an_image() -> None:
    named = [(*where, text) for *where, text in (*code(), *scripts()) if IMAGE.search(text)]
    bare = [(*where, text) for *where, text in code() if VERSION.fullmatch(text) and text not in NO_VERSIONS]
    assert [*named, *bare] == []


@pytest.mark.parametrize(
    ("repository", "text", "newer"),
    [
        ("nginx", "1.31.3", "1.31"),
        ("nginx", "1.30.1", "1.30"),
        # A line that the list does not have is over, or somebody's decision: the newest of all.
        ("nginx", "1.29.3", "1.31"),
        ("postgres", "15.14", "15"),
        ("redis", "8.2.1", "8.2"),
        ("valkey/valkey", "9.0.0", "9.0"),
    ],
)
def test_an_older_image_is_told_the_newest_of_its_line(repository: str, text: str, newer: str) -> None:
    found = newer_default(repository, tag(text))
    assert found
    assert found.tag.startswith(f"{newer}.")


@pytest.mark.parametrize(
    ("repository", "text"),
    [
        *((image.repository, image.tag) for image in DEFAULT_IMAGES),
        ("postgres", "17.99"),
        ("postgres", "17.1-alpine"),
        ("ghcr.io/someone/app", "0.0.1"),
    ],
)
def test_the_newest_a_newer_one_another_variant_and_an_unknown_image_are_told_nothing(
    repository: str, text: str
) -> None:
    assert newer_default(repository, tag(text)) is None


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("ghcr.io/someone/app", "https://github.com/someone/app/releases"),
        ("someone/app", "https://hub.docker.com/r/someone/app/tags"),
        ("debian", "https://hub.docker.com/_/debian/tags"),
        ("registry.example.com/app", "https://registry.example.com/app"),
        ("ghcr.io/mastodon/mastodon", "https://github.com/mastodon/mastodon/releases/tag/v1.2.3"),
    ],
)
def test_an_image_that_is_not_in_the_list_has_an_address_to_read_about_it_too(
    repository: str, address: str
) -> None:
    assert release_notes(repository, tag("1.2.3")) == address
