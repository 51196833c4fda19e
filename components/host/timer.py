"""Something that a machine does again and again by itself: a systemd timer."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from pulumi import Input, ResourceOptions

from components.host.shell import Command, Script, Shell, script

_WRITE = Path(__file__).parent / "timer.sh"


def timer(
    name: str,
    shell: Shell,
    calendar: str,
    task: Input[str],
    opts: ResourceOptions,
    triggers: Sequence[Input[str]] = (),
) -> Command:
    """A timer that runs a bash script as root. `calendar` is in the form of systemd.time(7).

    A run that was missed while the machine was off is made up for. The last run and its output are in
    `journalctl --unit homeport-<name>`. It is on the boot disk, so the machine's incarnation belongs among
    the triggers.
    """
    unit = shlex.quote(f"homeport-{name}")
    return shell.run(
        f"{name}-timer",
        Script(
            create=script(_WRITE, unit=unit, calendar=calendar, task=task),
            # systemd remembers a unit that failed when its file is gone, and it would be told of for ever.
            delete=(
                f"sudo systemctl disable --now {unit}.timer;"
                f" sudo rm -f /etc/systemd/system/{unit}.* /usr/local/lib/homeport/{unit};"
                f" sudo systemctl daemon-reload; sudo systemctl reset-failed {unit}.service 2>/dev/null; true"
            ),
            triggers=triggers,
            root=True,
        ),
        # The other way round, the deletion of the old would take the new away: their names are the same.
        ResourceOptions.merge(opts, ResourceOptions(delete_before_replace=True)),
    )
