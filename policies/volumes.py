"""Where a container keeps data."""

from __future__ import annotations

from collections.abc import Iterator

from components.confinement import SCRATCH
from policies.container import label_of, mounts
from policies.kinds import CONTAINER
from policies.rule import Resource, Rule

OF_THE_MACHINE = {
    "/etc/ssl/certs/ca-certificates.crt": "the authorities that the machine trusts",
    "/usr/share/misc": "a folder of the boot disk, by which the exporter tells how full the disk is",
    "/etc/localtime": "the machine's time zone",
}
"""What may be mounted from the machine, and what it is. Docker sockets have rules of their own."""


def _elsewhere(container: Resource) -> Iterator[str]:
    scratch = label_of(container, SCRATCH).split()
    for mount in mounts(container):
        if mount.is_anonymous and mount.path not in scratch:
            yield f"has an anonymous volume at {mount.path}"
        elif mount.host and not mount.is_socket and mount.host not in OF_THE_MACHINE:
            yield f"mounts the machine's {mount.host}"


RULES = (
    Rule(
        name="data-in-volumes",
        level="mandatory",
        what="Data is in volumes that the program declares; an anonymous one holds only what the label"
        f" `{SCRATCH}` names as scratch folders.",
        why="What lies in an anonymous volume or a folder of the machine is in no backup, and the next"
        " container or machine does not find it.",
        fix="Declare a volume and mount it by its name.",
        kinds=(CONTAINER,),
        find=_elsewhere,
    ),
)
