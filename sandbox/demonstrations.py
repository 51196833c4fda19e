"""What `make demo APP=...` deploys besides the stack file's own app."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from sandbox.engine import homeport

_MASTODON: Mapping[str, object] = {
    "kind": "mastodon",
    "hostname": "social.homeport.test",
    "version": "4.7.4",
    "profile": "micro",
    "owner": {"username": "ada", "email": "ada@homeport.test"},
}

DEMONSTRATIONS = ("mattermost", "mastodon", "both")


def changes(name: str) -> dict[str, object]:
    """The keys of the stack file to replace. Raises `KeyError` for a name not in `DEMONSTRATIONS`."""
    config = homeport("sandbox").config
    shipped, host = config["homeport:apps"], copy.deepcopy(config["homeport:host"])
    if not isinstance(shipped, list) or not isinstance(host, dict):
        raise TypeError("the stack file of the sandbox has no apps or no host")
    apps = {"mattermost": shipped, "mastodon": [_MASTODON], "both": [*shipped, _MASTODON]}[name]
    # The two together want more than 1 GiB can hold with any comfort.
    host["machineType"] = "e2-small" if name == "both" else host["machineType"]
    return {"homeport:apps": apps, "homeport:host": host}
