"""The boot disk's size, which Google Cloud lets grow only.

Google's provider resizes it in place, with the machine running (google-beta 7.22.0,
`boot_disk.initialize_params.size` in `resource_compute_instance.go`). The API refuses a smaller size, in the
middle of an update.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import ResourceHookArgs, ResourceHookBinding, ResourceHookOptions

from components.hooks import resource_hook


class ShrinkingError(Exception):
    """The boot disk would become smaller."""

    def __init__(self, now: int, wanted: int, stack: str) -> None:
        super().__init__(
            f"homeport:host.bootDisk: {wanted} is less than the {now} GB that the boot disk has, and no disk"
            f" becomes smaller. The machine was not changed. Set {now} or more, or have a new machine, with"
            f" the same address and data: pulumi up -s {stack} --replace '**gcp:compute/instance:Instance**'"
        )


def never_smaller() -> ResourceHookBinding:
    """Hooks of the machine that refuse a smaller boot disk, already in a preview."""
    hook = resource_hook("boot-disk-not-smaller", _not_smaller, ResourceHookOptions(on_dry_run=True))
    return ResourceHookBinding(before_update=[hook])


def refuse_smaller(old: Mapping[str, Any], new: Mapping[str, Any], stack: str) -> None:
    """Compare inputs of the machine. Raises `ShrinkingError`."""
    now, wanted = _size(old), _size(new)
    if now and wanted and wanted < now:
        raise ShrinkingError(now, wanted, stack)


async def _not_smaller(args: ResourceHookArgs) -> None:
    refuse_smaller(args.old_inputs or {}, args.new_inputs or {}, pulumi.get_stack())


def _size(instance: Mapping[str, Any]) -> int:
    """In GB; 0 where it is not known."""
    size = ((instance.get("bootDisk") or {}).get("initializeParams") or {}).get("size")
    return int(size) if isinstance(size, int | float) else 0
