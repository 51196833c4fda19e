"""The virtual machine."""

from __future__ import annotations

from collections.abc import Iterator

from policies.kinds import INSTANCE
from policies.metadata_server import ADDRESS, closes_metadata
from policies.rule import Resource, Rule

_SHIELD = {
    "enableSecureBoot": "secure boot",
    "enableVtpm": "the virtual TPM",
    "enableIntegrityMonitoring": "integrity monitoring",
}


def _open_metadata(instance: Resource) -> Iterator[str]:
    properties = instance.properties
    # Without an account of Google's there is nothing that the metadata server could give away.
    if not properties.has("serviceAccount"):
        return
    script = properties.text("metadataStartupScript") or properties.part("metadata").text("startup-script")
    if not script:
        yield "has no startup script that closes the metadata server to containers"
    elif not closes_metadata(script):
        yield f"has a startup script that does not drop what containers send to {ADDRESS}"


def _unshielded(instance: Resource) -> Iterator[str]:
    shield = instance.properties.part("shieldedInstanceConfig")
    missing = [words for name, words in _SHIELD.items() if not shield.flag(name)]
    if missing:
        yield f"is a machine without {' and '.join(missing)}"


RULES = (
    Rule(
        name="metadata-server-closed",
        level="mandatory",
        what="Containers cannot reach the metadata server of the machine that they run on.",
        why="A link preview that is told to fetch it would hand out the machine's identity.",
        fix="Drop it in the startup script, before Docker starts: see `step_metadata` of"
        " `components/host/bootstrap.sh`.",
        kinds=(INSTANCE,),
        find=_open_metadata,
    ),
    Rule(
        name="shielded-vm",
        level="mandatory",
        what="The machine is a Shielded VM, with everything that belongs to it on.",
        why="A boot loader or kernel that somebody changed would run without anybody noticing.",
        fix="Turn all three on in `shieldedInstanceConfig`.",
        kinds=(INSTANCE,),
        find=_unshielded,
    ),
)
