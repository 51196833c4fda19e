"""How the sandbox's Google Cloud changes a boot disk: as its provider since google-beta 7.22.0."""

from __future__ import annotations

import pytest

from sandbox.providers.checks import changes
from sandbox.providers.gcp_instance import Instance
from sandbox.providers.wire import Marked

BOOT: dict[str, Marked] = {"image": "debian-cloud/debian-12", "size": 10, "type": "pd-standard"}


@pytest.mark.parametrize(
    ("change", "replaces"),
    [
        ({"size": 12}, False),
        ({"size": 8}, False),
        ({"image": "ubuntu-os-cloud/ubuntu-2404-lts-amd64"}, True),
        ({"type": "pd-ssd"}, True),
        ({"size": 12, "type": "pd-ssd"}, True),
    ],
)
def test_only_another_size_is_a_change_in_place(change: dict[str, Marked], replaces: bool) -> None:
    old: dict[str, Marked] = {"bootDisk": {"initializeParams": {**BOOT}}}
    new: dict[str, Marked] = {"bootDisk": {"initializeParams": {**BOOT, **change}}}
    (found,) = changes(old, new, Instance.properties)
    assert (found.property, found.kind, found.replaces) == ("bootDisk", "update", replaces)
