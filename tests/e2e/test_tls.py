"""What a scanner finds in the TLS of the edge, and that it finds what is weak elsewhere."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator

import pytest

from operations.tls_scan import NotScannedError, Target, weaknesses
from sandbox.authority import Authority
from tests.e2e.deployed import HOSTNAME, Deployed
from tools.tls_contexts import server_context

WEAK = "weak.homeport.test"


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server on this computer as they were twenty years ago."""
    folder = tmp_path_factory.mktemp("weak")
    authority = Authority(folder / "ca")
    authority.create()
    authority.issue(folder / "weak", [WEAK])
    context = server_context(folder / "weak.crt", folder / "weak.key")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    # The handshake in the thread of each connection: one that hangs holds nobody up.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Target(WEAK, server.server_port, "127.0.0.1", authority.certificate)
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def found(weak: Target) -> str:
    """What is told of it."""
    return "\n".join(weaknesses(weak))


def test_the_edge_has_nothing_weak(deployed: Deployed) -> None:
    target = Target(HOSTNAME, address=deployed.address, root=deployed.box.acme_root)
    assert weaknesses(target) == []


def test_the_edge_speaks_no_more_than_the_profile_without_tls_1_2_leaves_out(deployed: Deployed) -> None:
    target = Target(HOSTNAME, address=deployed.address, root=deployed.box.acme_root, profile="modern")
    assert "TLS versions {'TLSv1.2'} are supported, but should be rejected." in weaknesses(target)


def test_a_certificate_of_a_root_that_nobody_trusts_is_told(deployed: Deployed) -> None:
    told = weaknesses(Target(HOSTNAME, address=deployed.address))
    assert any(weakness.startswith("Certificate path validation failed") for weakness in told)


def test_a_port_where_nobody_speaks_tls_is_no_good_news(deployed: Deployed) -> None:
    with pytest.raises(NotScannedError, match=f"{HOSTNAME}, port 80, address {deployed.address}: "):
        weaknesses(Target(HOSTNAME, 80, deployed.address))


@pytest.mark.parametrize("version", ["'TLSv1'", "'TLSv1.1'"])
def test_an_old_version_of_tls_is_found(found: str, version: str) -> None:
    assert version in found


def test_a_cipher_in_cbc_mode_with_sha_1_is_found(found: str) -> None:
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA" in found


def test_a_missing_hsts_is_found(found: str) -> None:
    assert "Strict-Transport-Security is not sent" in found
