"""Which tags an image has, asked of its registry as the OCI distribution specification says.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md, "Listing Tags"; how Docker Hub, ghcr.io
and others hand out tokens: https://distribution.github.io/distribution/spec/auth/token/. Nobody logs in: what
is not public is told as such.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import BaseModel, ValidationError

from tools.tls_contexts import browser_context

_DOCKER_HUB = "registry-1.docker.io"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Docker asks these without TLS, too."""
_PAGE = 1000
_PAGES = 100
"""Enough for 100,000 tags. A registry whose pages never end is broken."""
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')


class TagsError(Exception):
    """A registry did not say which tags an image has. The text is one line: which one, and what it said."""


class UnreachableRegistryError(TagsError):
    """It did not answer at all: no network, no such host, nobody listens, or too slow."""


class _Tags(BaseModel):
    # A repository without tags is answered with null.
    tags: list[str] | None = None


class _Token(BaseModel):
    token: str = ""
    access_token: str = ""


@dataclass(frozen=True)
class ImageRegistry:
    """Where images are looked up."""

    address: str = ""
    """URL of a registry that has all of them, such as a mirror; empty: each image's own."""
    trust: ssl.SSLContext = field(default_factory=browser_context)
    """By default of those that the computer trusts."""
    timeout: float = 20
    """Seconds to wait for each answer."""
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)
    """Repository at its registry -> the token that was handed out for it."""

    def tags(self, repository: str) -> list[str]:
        """All tags of a repository such as `postgres` or `ghcr.io/mastodon/mastodon`. Raises `TagsError`."""
        base, name = self._place(repository)
        url, tags = f"{base}/v2/{name}/tags/list?n={_PAGE}", []
        with httpx.Client(verify=self.trust, timeout=self.timeout, follow_redirects=True) as client:
            for _ in range(_PAGES):
                answer = self._page(client, url, name)
                tags += self._read(answer)
                following = _NEXT.search(answer.headers.get("Link", ""))
                if not following:
                    return tags
                url = urljoin(url, following[1])
                if _host(url) != _host(base):
                    raise TagsError(f"{_host(base)} sends to {_host(url)} for more tags of {name}")
        raise TagsError(f"{_host(base)}: the list of the tags of {name} does not end")

    def _place(self, repository: str) -> tuple[str, str]:
        """URL of the registry, and the repository's name there."""
        first, slash, rest = repository.partition("/")
        own = bool(slash) and ("." in first or ":" in first or first == "localhost")
        name = rest if own else repository
        if not own and "/" not in name:
            name = f"library/{name}"
        if self.address:
            return self.address.rstrip("/"), name
        host = first if own else _DOCKER_HUB
        scheme = "http" if urlsplit(f"//{host}").hostname in _LOCAL else "https"
        return f"{scheme}://{host}", name

    def _page(self, client: httpx.Client, url: str, name: str) -> httpx.Response:
        token = self._tokens.get(name, "")
        answer = _get(client, url, token)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            # None yet, or one that has expired between two pages.
            token = self._tokens[name] = _token(client, answer, name)
            answer = _get(client, url, token)
        if answer.status_code != HTTPStatus.OK:
            raise TagsError(_refusal(answer, name))
        return answer

    def _read(self, answer: httpx.Response) -> list[str]:
        try:
            return _Tags.model_validate_json(answer.content).tags or []
        except ValidationError:
            raise TagsError(f"{answer.url.host} answers something that is no list of tags") from None


def _get(client: httpx.Client, url: str, token: str = "") -> httpx.Response:
    try:
        return client.get(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    except httpx.TimeoutException:
        waited = client.timeout.read
        raise UnreachableRegistryError(f"{_host(url)} did not answer within {waited:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise UnreachableRegistryError(f"{_host(url)} cannot be reached: {why}") from None


def _token(client: httpx.Client, answer: httpx.Response, name: str) -> str:
    """The token that a registry's challenge tells where to get. Raises `TagsError`."""
    scheme, _, said = answer.headers.get("WWW-Authenticate", "").partition(" ")
    challenge = dict(_CHALLENGE.findall(said))
    realm = challenge.pop("realm", "")
    if scheme.lower() != "bearer" or not realm.startswith(("https://", "http://")):
        raise TagsError(f"{answer.url.host} wants a login for {name}: what is not public cannot be looked up")
    query = {"scope": f"repository:{name}:pull", **challenge}
    got = _get(client, str(httpx.URL(realm).copy_merge_params(query)))
    if got.status_code != HTTPStatus.OK:
        raise TagsError(_refusal(got, name))
    try:
        token = _Token.model_validate_json(got.content)
    except ValidationError:
        token = _Token()
    if not (token.token or token.access_token):
        raise TagsError(f"{got.url.host} hands out no token for {name}")
    return token.token or token.access_token


def _refusal(answer: httpx.Response, name: str) -> str:
    host, status = answer.url.host, answer.status_code
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return f"{host} wants a login for {name}: what is not public cannot be looked up"
    if status == HTTPStatus.NOT_FOUND:
        return f"{host} knows no image {name}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        after = answer.headers.get("Retry-After", "")
        when = f"in {after} seconds" if after.isdecimal() else "later"
        return f"{host} was asked too often (429): try again {when}"
    return f"{host} answers {status} about {name}"


def _host(url: str) -> str:
    return urlsplit(url).netloc
