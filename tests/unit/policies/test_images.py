"""Which names of images are pinned."""

from __future__ import annotations

import pytest

from components.default_images import DEFAULT_IMAGES
from policies.kinds import BUILT_IMAGE
from tests.unit.policies.asked import Asked, container, found

DIGEST = "sha256:" + 64 * "0"


@pytest.mark.parametrize(
    "image",
    [
        "postgres:17.11",
        "nginxproxy/nginx-proxy:1.11.6-dockergen",
        "registry.example.com:5000/app:v2.0.1",
        "debian:bookworm-20250407",
        "ghcr.io/me/app:sha-1a2b3c4",
        f"postgres@{DIGEST}",
        f"postgres:latest@{DIGEST}",
        DIGEST,
    ],
)
def test_a_full_version_a_commit_a_day_or_a_digest_pins(image: str) -> None:
    assert found("image-pinned", container(image=image)) == []


@pytest.mark.parametrize(
    "image",
    [
        "postgres",
        "postgres:latest",
        "postgres:17",
        "postgres:17-bookworm",
        "app:v2",
        "localhost:5000/app",
        "app:edge",
    ],
)
def test_a_bare_major_a_word_or_nothing_does_not(image: str) -> None:
    assert len(found("image-pinned", container(image=image))) == 1


def test_an_image_that_is_built_is_asked_as_well() -> None:
    assert len(found("image-pinned", Asked(BUILT_IMAGE, {"imageName": "homeport/app:latest"}))) == 1


@pytest.mark.parametrize(
    "image",
    [
        *(f"{image.repository}:{image.tag}" for image in DEFAULT_IMAGES),
        "postgres:17.99",
        "postgres:17.1-alpine",
        "postgres",
        "ghcr.io/me/app:0.0.1",
        f"postgres@{DIGEST}",
        DIGEST,
    ],
)
def test_the_newest_another_variant_a_digest_and_what_is_not_in_the_list_are_not_outdated(image: str) -> None:
    assert found("image-outdated", container(image=image)) == []


def test_an_image_pinned_by_version_and_digest_is_outdated_by_its_version() -> None:
    assert len(found("image-outdated", container(image=f"nginx:1.29.3@{DIGEST}"))) == 1
