"""What `make demo APP=...` deploys besides the stack file's own app: settings, and secrets for them."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from sandbox.engine import homeport
from sandbox.mail_account import HOSTS, MailAccount

_MASTODON: Mapping[str, object] = {
    "kind": "mastodon",
    "hostname": "social.homeport.test",
    "version": "4.7.4",
    "profile": "micro",
    "owner": {"username": "ada", "email": "ada@homeport.test"},
}
_READER: Mapping[str, object] = {
    "kind": "web",
    "name": "reader",
    "hostname": "read.homeport.test",
    "image": "ghcr.io/miniflux/miniflux:2.3.5",
    "port": 8080,
    "user": "65534:65534",
    "readOnly": True,
    "health": ["/usr/bin/miniflux", "-healthcheck", "auto"],
    "environment": {
        "BASE_URL": "https://read.homeport.test",
        "RUN_MIGRATIONS": "1",
        "CREATE_ADMIN": "1",
        "ADMIN_USERNAME": "ada",
    },
    "secretEnvironment": {"ADMIN_PASSWORD": "readerPassword"},
    "postgres": {"memory": 96},
}
"""Miniflux, as in the README's example but for the domain."""
_READER_PASSWORD = "read-in-the-sandbox"  # noqa: S105  of what only this computer reaches

DEMONSTRATIONS = ("mattermost", "mastodon", "both", "web")


def changes(name: str) -> dict[str, object]:
    """The keys of the stack file to replace. Raises `KeyError` for a name not in `DEMONSTRATIONS`.

    With mail and backups: a relay and a store are in the box, so the commands about them have an answer.
    """
    config = homeport("sandbox").config
    shipped, host = config["homeport:apps"], copy.deepcopy(config["homeport:host"])
    if not isinstance(shipped, list) or not isinstance(host, dict):
        raise TypeError("the stack file of the sandbox has no apps or no host")
    apps = {
        "mattermost": shipped,
        "mastodon": [_MASTODON],
        "both": [*shipped, _MASTODON],
        "web": [_READER],
    }[name]
    # The two together want more than 1 GiB can hold with any comfort.
    host["machineType"] = "e2-small" if name == "both" else host["machineType"]
    return {
        "homeport:apps": apps,
        "homeport:host": host,
        "homeport:backup": {"store": {"kind": "gcs"}},
        "homeport:mail": {
            "host": HOSTS[0],
            "user": MailAccount().user,
            "fromAddress": "admin@homeport.test",
            "records": {"dmarc": {"reports": "admin@homeport.test"}},
        },
    }


def secrets(name: str) -> dict[str, str]:
    """The stack's secrets for these settings, by key."""
    of_app = {"homeport:readerPassword": _READER_PASSWORD} if name == "web" else {}
    return {"homeport:mailPassword": MailAccount().password, **of_app}


def log_ins(name: str) -> dict[str, tuple[str, str]]:
    """User and password by app, where the stack's outputs do not have them: it was told them."""
    return {"reader": ("ada", _READER_PASSWORD)} if name == "web" else {}
