"""Every TLS context of the project: where they are made, and that they trust what passes a strict check."""

from __future__ import annotations

import ast
import functools
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.authority import Authority
from tests.unit.handshake import shake_hands
from tools.python_environment import REPOSITORY
from tools.tls_contexts import browser_context, server_context, strict_context, unverified_context

NAME = "chat.homeport.test"
HERE = "tools/tls_contexts.py"
IN_IMAGES = {"sandbox/images/cloud/google_server.py", "sandbox/images/cloud/mail.py"}
"""Servers that run in an image, beside their own modules only. They verify nobody."""
MAKERS = {"SSLContext", "create_default_context", "_create_unverified_context", "get_server_certificate"}
GIVEN = {
    "urlopen": {"context"},
    "HTTPSConnection": {"context"},
    "SMTP_SSL": {"context"},
    "starttls": {"context"},
    "websockets.connect": {"ssl"},
    "httpx.Client": {"transport", "verify"},
    "httpx.AsyncClient": {"transport", "verify"},
    "httpx.HTTPTransport": {"verify"},
    **{f"httpx.{name}": {"verify"} for name in ("delete", "get", "head", "post", "put", "request", "stream")},
}
"""What makes a context of its own unless it is given one, and the arguments that give it."""

Call = tuple[str, ast.Call, str]
"""File, call, and what is called."""


def sources() -> Iterator[Path]:
    for path in REPOSITORY.iterdir():
        if path.is_dir() and path.name not in {".venv", "build"}:
            yield from path.rglob("*.py")
        elif path.suffix == ".py":
            yield path


@functools.cache
def calls() -> list[Call]:
    """Every call in the files that name one of those above."""
    words = MAKERS | {name.partition(".")[0] for name in GIVEN}
    return [
        (str(path.relative_to(REPOSITORY)), node, called(node.func))
        for path, text in ((path, path.read_text()) for path in sources())
        if any(word in text for word in words)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
    ]


def called(function: ast.expr) -> str:
    """What is called, as `ast.unparse` has it, which takes seconds for all the calls of the project."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{called(value)}.{name}"
        case _:
            return ast.unparse(function)


def makers() -> list[Call]:
    return [call for call in calls() if call[2].rpartition(".")[2] in MAKERS]


def is_plain(call: ast.Call) -> bool:
    """Whether what is called gets a URL that begins with http:// in so many words."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.JoinedStr):
        first = first.values[0]
    return isinstance(first, ast.Constant) and str(first.value).startswith("http://")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    authority.create()
    return authority


@pytest.fixture(scope="module")
def server(authority: Authority) -> ssl.SSLContext:
    path = authority.folder / "server"
    authority.issue(path, [NAME])
    return server_context(path.with_suffix(".crt"), path.with_suffix(".key"))


def test_contexts_are_made_in_one_place() -> None:
    assert {name for name, _, _ in makers()} == {HERE, *IN_IMAGES}


def test_the_servers_in_images_verify_nobody() -> None:
    made = [ast.unparse(call) for name, call, _ in makers() if name in IN_IMAGES]
    assert made == ["ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)"] * len(IN_IMAGES)


def test_nothing_makes_a_context_unasked() -> None:
    without = [
        f"{name}:{call.lineno}: {called}"
        for name, call, called in calls()
        for function, arguments in GIVEN.items()
        if (called == function or called.endswith(f".{function}"))
        and not is_plain(call)
        and not arguments & {keyword.arg for keyword in call.keywords}
    ]
    assert without == []


@pytest.mark.parametrize(
    ("context", "is_strict"),
    [(strict_context(), True), (browser_context(), False)],
    ids=["ours", "browser's"],
)
def test_what_is_checked_is_the_same_on_every_python(context: ssl.SSLContext, is_strict: bool) -> None:
    assert (ssl.VERIFY_X509_STRICT in context.verify_flags) is is_strict
    assert ssl.VERIFY_X509_PARTIAL_CHAIN in context.verify_flags
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("context", [strict_context, browser_context])
def test_every_context_trusts_what_the_sandboxs_authority_issues_when_it_is_strict(
    authority: Authority, server: ssl.SSLContext, context: Callable[[Path], ssl.SSLContext]
) -> None:
    client = context(authority.certificate)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    shake_hands(client, server, NAME)


@pytest.mark.parametrize("context", [strict_context, browser_context])
@pytest.mark.parametrize(
    ("is_known", "name", "said"),
    [(True, "other.homeport.test", "Hostname mismatch"), (False, NAME, "unable to get local issuer")],
)
def test_another_name_and_another_root_are_refused(
    authority: Authority,
    server: ssl.SSLContext,
    context: Callable[[Path | None], ssl.SSLContext],
    is_known: bool,
    name: str,
    said: str,
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=said):
        shake_hands(context(authority.certificate if is_known else None), server, name)


def test_an_unverified_context_accepts_both(server: ssl.SSLContext) -> None:
    shake_hands(unverified_context(), server, "other.homeport.test")
