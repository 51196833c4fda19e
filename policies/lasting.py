"""What may not be lost by a slip: data, and the keys that it was encrypted with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.kinds import BUCKET, BYTES, DISK, PASSWORD, PRIVATE_KEY
from policies.rule import Resource, Rule

LASTING_KEYS = re.compile(
    r".*-(secret-key-base|primary-key|deterministic-key|key-derivation-salt|otp-secret|vapid)|backup-password"
)
"""Names of generated values that data is encrypted with, or that others know an app by."""
_REMAKING = {
    PASSWORD: ("length", "special"),
    BYTES: ("length",),
    PRIVATE_KEY: ("algorithm", "ecdsaCurve"),
}
"""What Homeport says about them; a change of it makes a new one."""


def _unprotected_disk(disk: Resource) -> Iterator[str]:
    # One made from a snapshot is a copy, whose original is protected until a machine has run with it.
    if not disk.protect and not disk.properties.has("snapshot"):
        yield "is a disk without `protect`"


def _unprotected_bucket(bucket: Resource) -> Iterator[str]:
    if not bucket.protect:
        yield "is a bucket without `protect`"
    if bucket.properties.flag("forceDestroy"):
        yield "is a bucket that goes with all that is in it, as `forceDestroy` is set"


def _changing_key(key: Resource) -> Iterator[str]:
    if key.protect or not LASTING_KEYS.fullmatch(key.name):
        return
    changing = [name for name in _REMAKING[key.kind] if name not in key.ignore_changes]
    if key.properties.has("keepers") and "keepers" not in key.ignore_changes:
        changing.append("keepers")
    if changing:
        yield f"is a lasting key that a change of {' or '.join(changing)} makes anew"


_GONE = "A slip in the settings, or a `pulumi destroy` in the wrong window, would delete it for good."

RULES = (
    Rule(
        name="disk-protected",
        level="mandatory",
        what="A disk is protected, unless it is a copy of one.",
        why=_GONE,
        fix="Set `protect=True` in its ResourceOptions.",
        kinds=(DISK,),
        find=_unprotected_disk,
    ),
    Rule(
        name="bucket-protected",
        level="mandatory",
        what="A bucket is protected, and is not deleted with its content.",
        why=_GONE,
        fix="Set `protect=True` in its ResourceOptions, and leave `forceDestroy` out.",
        kinds=(BUCKET,),
        find=_unprotected_bucket,
    ),
    Rule(
        name="lasting-key-kept",
        level="mandatory",
        what="A key that data is encrypted with is protected, or ignores what would make it anew.",
        why="What was encrypted with the old key can never be read again.",
        fix="Set `protect=True`, or name what makes it anew in `ignore_changes`.",
        kinds=tuple(_REMAKING),
        find=_changing_key,
    ),
)
