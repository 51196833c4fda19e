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
        hostname = request.url.host
        request.headers["Host"] = hostname
        request.extensions = {**request.extensions, "sni_hostname": hostname}
        request.url = request.url.copy_with(host=self._address)
        return super().handle_request(request)
