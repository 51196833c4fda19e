"""A TLS handshake in memory."""

from __future__ import annotations

import ssl


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """Let a client ask a server for a name. Raises `ssl.SSLCertVerificationError` where it is not trusted."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=name)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    # The client has verified the server when its second turn is over.
    for side in (asking, answering, asking):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert asking.version() is not None
