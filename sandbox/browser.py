"""A client that speaks HTTPS to a machine of a sandbox by the names that only the sandbox's DNS knows."""

from __future__ import annotations

import ssl

import httpx


class Resolving(httpx.HTTPTransport):
    """Connects to one address whatever the name; name and certificate are checked as ever."""

    def __init__(self, address: str, context: ssl.SSLContext, *, http2: bool = False) -> None:
        super().__init__(verify=context, http2=http2)
        self._address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # A copy: cookies and redirects of the client go by the name in the request that it made.
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host=self._address),
            # Among them the host by its name.
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.host},
        )
        return super().handle_request(sent)
