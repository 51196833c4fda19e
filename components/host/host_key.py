"""What is said where a machine shows another SSH host key than the one it was given."""

from __future__ import annotations

import base64
import binascii
import hashlib

from pulumi import RunError


def fingerprint(key: str) -> str:
    """Of a public key, algorithm and base64, as `ssh-keygen -l` shows it."""
    try:
        blob = base64.b64decode(key.split()[1], validate=True)
    except (IndexError, binascii.Error):
        return "(no key that can be read)"
    return f"SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"


def refuse_another(address: str, pinned: str, shown: str) -> None:
    """Raise `pulumi.RunError`, which Pulumi shows as its bare text, if a key is shown: it is another one."""
    if not shown:
        return
    raise RunError(
        f"The machine at {address} shows another SSH host key than the one that this stack gave it.\n"
        f"  expected {fingerprint(pinned)}\n"
        f"  shown    {fingerprint(shown)}\n"
        "Nothing was sent to it. Either somebody is between this computer and the machine: go on from "
        "another network. Or the key was replaced on the machine: restart it from the cloud's console, which "
        "puts the stack's key back, and run the update again. See docs/security.md, A changed host key."
    )
