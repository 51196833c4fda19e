"""Lists of tags, asked of a small registry on this computer."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from operations.image_registry import ImageRegistry, TagsError, UnreachableRegistryError
from sandbox.authority import Authority
from tests.unit.operations.tag_registry import TagRegistry
from tools.tls_contexts import browser_context, server_context

TRUST = browser_context()
TAGS = {"library/postgres": ["17.10", "17.11", "18.6", "latest"], "me/app": ["1.0"], "empty/app": []}


def ask(registry: TagRegistry, repository: str = "postgres", timeout: float = 5) -> list[str]:
    return ImageRegistry(registry.address, TRUST, timeout=timeout).tags(repository)


def problem(registry: TagRegistry, repository: str = "postgres", timeout: float = 5) -> str:
    with pytest.raises(TagsError) as caught:
        ask(registry, repository, timeout)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_an_official_image_is_in_library_and_another_one_where_its_name_says() -> None:
    with TagRegistry(TAGS) as registry:
        assert ask(registry) == TAGS["library/postgres"]
        assert ask(registry, "me/app") == ["1.0"]
    assert [path.partition("?")[0] for path in registry.asked] == [
        "/v2/library/postgres/tags/list",
        "/v2/me/app/tags/list",
    ]


def test_a_repository_that_names_its_registry_is_asked_there_and_on_this_computer_without_tls() -> None:
    with TagRegistry(TAGS) as registry:
        assert ImageRegistry("", TRUST, timeout=5).tags(f"{registry.host}/me/app") == ["1.0"]


def test_a_given_registry_has_the_images_of_all_others() -> None:
    with TagRegistry(TAGS) as registry:
        assert ask(registry, "ghcr.io/me/app") == ["1.0"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority of one's own, with a certificate for the registry's address."""
    authority = Authority(tmp_path)
    authority.create()
    authority.issue(tmp_path / "registry", ["127.0.0.1"])
    return authority


def test_a_mirror_is_believed_by_the_root_that_signed_its_certificate(authority: Authority) -> None:
    tls = server_context(authority.folder / "registry.crt", authority.folder / "registry.key")
    with TagRegistry(TAGS, tokens=True, tls=tls) as registry:
        trusting = ImageRegistry(registry.address, browser_context(authority.certificate), timeout=5)
        assert trusting.tags("me/app") == ["1.0"]
        with pytest.raises(UnreachableRegistryError, match="CERTIFICATE_VERIFY_FAILED"):
            ask(registry, "me/app")


def test_a_repository_without_tags_is_answered_with_null() -> None:
    with TagRegistry(TAGS) as registry:
        assert ask(registry, "empty/app") == []


@pytest.mark.parametrize("page", [1, 3])
def test_all_pages_are_read(page: int) -> None:
    with TagRegistry(TAGS, page=page) as registry:
        assert ask(registry) == TAGS["library/postgres"]


def test_a_list_without_an_end_is_told() -> None:
    with TagRegistry(TAGS, page=1, endless=True) as registry:
        assert "does not end" in problem(registry)


def test_a_token_is_fetched_where_the_registry_says_and_used_for_all_pages() -> None:
    with TagRegistry(TAGS, page=1, tokens=True) as registry:
        assert ask(registry) == TAGS["library/postgres"]
    assert len(registry.handed_out) == 1
    (asked,) = (path for path in registry.asked if path.startswith("/token"))
    assert "scope=repository%3Alibrary%2Fpostgres%3Apull" in asked


def test_a_token_that_expires_between_two_pages_is_fetched_anew() -> None:
    with TagRegistry(TAGS, page=1, tokens=True, uses=2) as registry:
        assert ask(registry) == TAGS["library/postgres"]
    assert len(registry.handed_out) == 2


def test_an_image_that_is_not_public_is_told() -> None:
    with TagRegistry(TAGS, tokens=True, refused=True) as registry:
        assert "wants a login for library/postgres" in problem(registry)


@pytest.mark.parametrize("challenge", ['Basic realm="Registry"', 'Bearer realm="Registry"', "Bearer"])
def test_a_registry_that_hands_out_no_tokens_wants_a_login(challenge: str) -> None:
    with TagRegistry(TAGS, tokens=True, challenge=challenge) as registry:
        assert "wants a login for library/postgres" in problem(registry)


def test_an_unknown_image_is_told() -> None:
    with TagRegistry(TAGS) as registry:
        assert problem(registry, "no/app") == "127.0.0.1 knows no image no/app"


@pytest.mark.parametrize(
    ("headers", "when"),
    [({"Retry-After": "30"}, "in 30 seconds"), ({}, "later"), ({"Retry-After": "Mon"}, "later")],
)
def test_a_registry_that_was_asked_too_often_is_told_with_when_to_try_again(
    headers: dict[str, str], when: str
) -> None:
    with TagRegistry(status=429, headers=headers) as registry:
        assert problem(registry) == f"127.0.0.1 was asked too often (429): try again {when}"


def test_a_server_that_fails_is_told() -> None:
    with TagRegistry(status=503) as registry:
        assert problem(registry) == "127.0.0.1 answers 503 about library/postgres"


@pytest.mark.parametrize("body", ["<html>a hotel's login</html>", "[]", '{"tags": "1.0"}'])
def test_what_is_no_list_of_tags_is_told(body: str) -> None:
    with TagRegistry(status=200, body=body) as registry:
        assert "no list of tags" in problem(registry)


def test_a_registry_that_sends_elsewhere_for_more_is_not_followed() -> None:
    link = {"Link": '<http://203.0.113.1/v2/library/postgres/tags/list?last=1>; rel="next"'}
    with TagRegistry(status=200, headers=link, body='{"tags": []}') as registry:
        assert "sends to 203.0.113.1" in problem(registry)


def test_a_registry_that_is_too_slow_is_not_waited_for() -> None:
    with TagRegistry(TAGS, delay=0.5) as registry, pytest.raises(UnreachableRegistryError) as caught:
        ask(registry, timeout=0.05)
    assert "did not answer within 0.05 seconds" in str(caught.value)


def test_a_registry_where_nobody_listens_cannot_be_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(UnreachableRegistryError, match="cannot be reached"):
            ImageRegistry(address, TRUST, timeout=5).tags("postgres")
