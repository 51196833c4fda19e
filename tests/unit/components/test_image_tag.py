"""Tags and references of images, taken apart and compared."""

from __future__ import annotations

import pytest

from components.image_tag import ImageReference, ImageTag


def tag(text: str) -> ImageTag:
    parsed = ImageTag.parse(text)
    assert parsed
    return parsed


@pytest.mark.parametrize(
    ("text", "numbers", "variant", "pre_release"),
    [
        ("17.11", (17, 11), "", False),
        ("v4.7.4", (4, 7, 4), "", False),
        ("1.11.6-dockergen", (1, 11, 6), "-dockergen", False),
        ("8.2.10-alpine3.24", (8, 2, 10), "-alpine3.24", False),
        ("v4.5.0-rc.1", (4, 5, 0), "", True),
        ("11.12.0-rc2", (11, 12, 0), "", True),
        ("8.10-rc2-trixie", (8, 10), "-trixie", True),
        ("8.8-m03", (8, 8), "", True),
        ("1.0.0-beta", (1, 0, 0), "", True),
    ],
)
def test_a_version_is_numbers_a_variant_and_whether_it_is_released(
    text: str, numbers: tuple[int, ...], variant: str, pre_release: bool
) -> None:
    parsed = tag(text)
    assert (parsed.numbers, parsed.variant, parsed.pre_release) == (numbers, variant, pre_release)


@pytest.mark.parametrize("text", ["latest", "17", "v2", "19beta3", "bookworm-20250407", "sha-1a2b3c4", ""])
def test_a_tag_without_two_numbers_is_no_version(text: str) -> None:
    assert ImageTag.parse(text) is None


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("17.9", "17.11"),
        ("v1.9.1", "v1.12.1"),
        ("8.2.10-alpine", "8.10.2-alpine"),
        ("4.5.0-rc.1", "4.5.0"),
    ],
)
def test_numbers_are_compared_as_numbers_and_a_release_is_newer_than_its_candidate(
    older: str, newer: str
) -> None:
    assert tag(older).is_older(tag(newer))
    assert not tag(newer).is_older(tag(older))


@pytest.mark.parametrize(
    ("one", "other"), [("8.2.1", "8.2.10-alpine"), ("8.2", "8.2.10"), ("1.2.3", "v1.2.4"), ("17.10", "17.10")]
)
def test_another_variant_a_tag_that_moves_and_the_same_are_not_newer(one: str, other: str) -> None:
    assert not tag(one).is_older(tag(other))


@pytest.mark.parametrize(
    ("text", "numbers", "line"),
    [("17.11", 1, (17,)), ("17.11", 2, (17,)), ("8.2.10", 2, (8, 2)), ("11.7.0", 1, (11,))],
)
def test_the_line_is_the_first_numbers_and_never_the_whole_version(
    text: str, numbers: int, line: tuple[int, ...]
) -> None:
    assert tag(text).line(numbers) == line


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("postgres:17.11", "postgres", "17.11", ""),
        ("docker.io/library/postgres:17.11", "postgres", "17.11", ""),
        ("docker.io/valkey/valkey:9.0.6", "valkey/valkey", "9.0.6", ""),
        ("ghcr.io/mastodon/mastodon:v4.7.4", "ghcr.io/mastodon/mastodon", "v4.7.4", ""),
        ("localhost:5000/app", "localhost:5000/app", "latest", ""),
        ("registry.example.com:5000/app:1.0", "registry.example.com:5000/app", "1.0", ""),
        ("app:1.0@sha256:00", "app", "1.0", "sha256:00"),
        ("app@sha256:00", "app", "", "sha256:00"),
    ],
)
def test_a_reference_is_a_repository_a_tag_and_a_digest(
    text: str, repository: str, tag: str, digest: str
) -> None:
    assert ImageReference.parse(text) == ImageReference(repository, tag, digest)


@pytest.mark.parametrize(
    "text", ["postgres:17.11", "localhost:5000/app:1.0", "app:1.0@sha256:00", "app@sha256:00"]
)
def test_a_reference_is_written_as_it_was_read(text: str) -> None:
    assert str(ImageReference.parse(text)) == text
