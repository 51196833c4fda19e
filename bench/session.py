"""Somebody who is logged in to the sandbox's Mattermost."""

from __future__ import annotations

import ssl

import httpx

from sandbox.box import Box
from sandbox.browser import Resolving
from sandbox.engine import Engine


def session(box: Box, engine: Engine) -> httpx.Client:
    """The administrator's session, over verified HTTPS to the machine's address."""
    outputs = engine.outputs()
    app = outputs["mattermost"]
    if not isinstance(app, dict):
        raise TypeError("the app has no outputs")
    context = ssl.create_default_context(cafile=str(box.acme_root))
    transport = Resolving(str(outputs["address"]), context)
    client = httpx.Client(base_url=str(app["url"]), transport=transport, timeout=30)
    password = app["administrator"]["password"]
    answer = client.post("/api/v4/users/login", json={"login_id": "admin", "password": password})
    answer.raise_for_status()
    client.headers["Authorization"] = f"Bearer {answer.headers['token']}"
    return client
