"""Images of the machine's system: which processors they are for, and which have no `apt`. Pure."""

from __future__ import annotations

import re

_ARM_MACHINES = ("t2a-", "c4a-", "n4a-", "a4x-")
"""Series of Google Cloud with Arm processors, from its documentation "Arm VMs on Compute Engine"."""
_ARM_IMAGE = re.compile(r"(^|-)(arm64|aarch64)(-|$)")
_WITHOUT_APT = re.compile(
    r"(cos|rhel|centos|rocky|alma|almalinux|fedora|suse|sles|opensuse|oracle|ol|windows|sql|freebsd|flatcar)"
    r"(?=[-\d]|$)"
)
"""Beginnings of projects and families in "Operating system details" of Google Cloud's documentation."""


def is_arm_machine(machine_type: str) -> bool:
    """Whether a machine type has Arm processors."""
    return machine_type.startswith(_ARM_MACHINES)


def problem_of_image(image: str, machine_type: str | None) -> str | None:
    """What is right instead, as the end of "allowed:"; None where the image can be used.

    `image` is a project and a family; `machine_type` is None where it has mistakes of its own.
    """
    project, _, family = image.partition("/")
    if _WITHOUT_APT.match(project) or _WITHOUT_APT.match(family):
        return (
            "a Debian or Ubuntu image, such as debian-cloud/debian-12: the machine is set up with apt, which"
            " this one has not"
        )
    if machine_type is None:
        return None
    arm = is_arm_machine(machine_type)
    if _ARM_IMAGE.search(family) and not arm:
        return f"an image for x86, such as debian-cloud/debian-12: {machine_type} has no Arm processors"
    if arm and not _ARM_IMAGE.search(family):
        return f"an image for Arm, such as debian-cloud/debian-12-arm64: {machine_type} has such processors"
    return None
