from __future__ import annotations

import json
from pathlib import Path

import docker
import pytest

from sandbox.images import build
from sandbox.images.catalogue import PUBLISHED
from sandbox.registry import Registry, ask_for, published_name, registry_folder


@pytest.fixture
def known(tmp_path: Path) -> Registry:
    """A registry that has said what it has; nothing is built."""
    found = Registry(registry_folder(tmp_path), docker.DockerClient(version="1.44"))
    found.prepare()
    return found


def asked(known: Registry) -> list[str]:
    return sorted(path.name for path in (known.folder / "wanted").iterdir())


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("nginx:1.31.6", "library/nginx:1.31.6"),
        ("docker.io/library/nginx:1.31.6", "library/nginx:1.31.6"),
        ("valkey/valkey:9.0.6", "valkey/valkey:9.0.6"),
        ("ghcr.io/mastodon/mastodon:v4.7.4", "mastodon/mastodon:v4.7.4"),
        ("localhost:5000/app:1", "library/app:1"),
        ("nginx", "library/nginx:latest"),
    ],
)
def test_a_name_is_the_one_in_its_registry(reference: str, name: str) -> None:
    assert published_name(reference) == name


def test_an_image_that_the_program_pulls_is_asked_for_by_what_it_is_made_from(
    known: Registry, tmp_path: Path
) -> None:
    ask_for(tmp_path, "postgres:17.11")
    names = json.loads((known.folder / "names.json").read_text())
    assert asked(known) == [names["library/postgres"]["17.11"]]


def test_an_image_that_nobody_publishes_is_not_asked_for(known: Registry, tmp_path: Path) -> None:
    ask_for(tmp_path, "postgres:9.6")
    ask_for(tmp_path, "miniflux/miniflux:2.2.0")
    assert asked(known) == []


def test_without_a_sandbox_nothing_is_asked_for(tmp_path: Path) -> None:
    ask_for(tmp_path, "postgres:17.11")
    assert list(tmp_path.iterdir()) == []


def test_a_start_forgets_what_was_asked_for_before(known: Registry, tmp_path: Path) -> None:
    ask_for(tmp_path, "postgres:17.11")
    known.prepare()
    assert asked(known) == []


def test_another_source_is_another_image(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    for name in {source.folder for source, _ in PUBLISHED.values()}:
        (folder / name).mkdir(parents=True)
    monkeypatch.setattr(build, "_FOLDER", folder)
    source, _ = PUBLISHED["library/redis"]
    before = build.local_name(source)
    (folder / "redis" / "docker-entrypoint.sh").write_text("exec redis-server\n")
    assert build.local_name(source) != before


def test_versions_that_are_made_from_the_same_are_one_image(known: Registry) -> None:
    names = json.loads((known.folder / "names.json").read_text())
    assert names["library/postgres"]["17.10"] == names["library/postgres"]["17.11"]
    assert names["library/postgres"]["17.11"] != names["library/postgres"]["15.14"]
