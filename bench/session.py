"""Somebody who is logged in to the sandbox's Mattermost."""

from __future__ import annotations

import httpx

from sandbox.box import Box
from sandbox.browser import Resolving
from sandbox.engine import Engine
from tools.tls_contexts import strict_context


def session(box: Box, engine: Engine) -> httpx.Client:
    """The administrator's session, over verified HTTPS to the machine's address."""
    outputs = engine.outputs()
    app = outputs["mattermost"]
    if not isinstance(app, dict):
        raise TypeError("the app has no outputs")
    transport = Resolving(str(outputs["address"]), strict_context(box.acme_root))
    client = httpx.Client(base_url=str(app["url"]), transport=transport, timeout=30)
    password = app["administrator"]["password"]
    answer = client.post("/api/v4/users/login", json={"login_id": "admin", "password": password})
    answer.raise_for_status()
    client.headers["Authorization"] = f"Bearer {answer.headers['token']}"
    return client
