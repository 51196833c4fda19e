"""A stack with Mastodon alone, and the ways to look into it."""

from __future__ import annotations

from contextlib import AbstractContextManager

import httpx

from tests.e2e.backups import BACKUP
from tests.e2e.deployed import Deployed
from tests.e2e.load import Load, Request, load
from tests.e2e.social import APP, Social, browser
from tests.e2e.test_updates import host

VERSION = "4.7.4"
OLD, NEW = "15.14", "17.11"
"""Of PostgreSQL."""
PARTS = ("web", "sidekiq", "streaming")
SUPPLIED = {
    "SECRET_KEY_BASE": "importedSecretKeyBase",
    "VAPID_PRIVATE_KEY": "importedVapidPrivateKey",
    "VAPID_PUBLIC_KEY": "importedVapidPublicKey",
    "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY": "importedPrimaryKey",
    "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY": "importedDeterministicKey",
    "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT": "importedKeyDerivationSalt",
}
"""Variables of `.env.production`, and the stack's secrets for them."""


def settings(**app: object) -> dict[str, object]:
    """A stack with Mastodon alone, some of its settings changed."""
    return {**host(machineType="e2-small"), "homeport:apps": [{**APP, **app}]}


ROTATED = settings(version=VERSION, postgres={"version": NEW, "rotate": 1})


def with_backups(deployed: Deployed, **backup: object) -> dict[str, object]:
    """The stack as it is, with backups."""
    config = deployed.engine.project.config
    now = {key: config[key] for key in ("homeport:host", "homeport:apps")}
    return {**now, "homeport:backup": {**BACKUP, **backup}}


def sql(deployed: Deployed, statement: str) -> str:
    """Ask Mastodon's database."""
    filters = ("label=homeport.app=mastodon", "label=homeport.service=postgres")
    options = [word for one in filters for word in ("--filter", one)]
    server = deployed.docker("ps", "--quiet", *options)
    return deployed.docker("exec", server, "psql", "-AtqU", "mastodon", "-c", statement)


def redis(deployed: Deployed, *command: str) -> str:
    """Ask Mastodon's Redis."""
    return deployed.docker("exec", deployed.container("redis"), "redis-cli", *command)


def variables(deployed: Deployed, service: str) -> dict[str, str]:
    """What a service's container is told."""
    told = deployed.docker(
        "inspect", "--format", "{{range .Config.Env}}{{println .}}{{end}}", deployed.container(service)
    )
    return {name: value for name, _, value in (line.partition("=") for line in told.splitlines())}


def jobs(deployed: Deployed, outcome: str) -> int:
    """How many jobs Sidekiq has done in its life: `processed`, or `failed` of them."""
    return int(redis(deployed, "GET", f"stat:{outcome}") or 0)


def people(stack: Deployed, owner: Social) -> AbstractContextManager[Load]:
    """Those who use web and streaming all the time."""

    def person() -> httpx.Client:
        client = browser(stack)
        client.headers["Authorization"] = f"Bearer {owner.token}"
        return client

    def read(client: httpx.Client, number: int) -> httpx.Response:
        return client.get("/api/v1/timelines/home", params={"limit": 1})

    def look(client: httpx.Client, number: int) -> httpx.Response:
        return client.get("/api/v2/instance")

    def write(client: httpx.Client, number: int) -> httpx.Response:
        return client.post("/api/v1/statuses", json={"status": f"load {number}"})

    def stream(client: httpx.Client, number: int) -> httpx.Response:
        return client.get("/api/v1/streaming/health")

    requests: list[Request] = [read, look, write, stream]
    return load(person, requests)
