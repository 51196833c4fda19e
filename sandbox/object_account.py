"""The S3-compatible store of a box as backup settings name it: endpoint, key, secret and buckets."""

from __future__ import annotations

from dataclasses import dataclass

HOST = "s3.sandbox.test"
ENDPOINT = f"https://{HOST}"
"""The sandbox's DNS knows it, and its certificate is signed by the sandbox's root."""


@dataclass(frozen=True)
class ObjectAccount:
    """Who may read and write, and the buckets that are there from the start: clients make none."""

    access_key: str = "sandbox"
    secret_key: str = "sandbox-objects"  # noqa: S105  # the sandbox has nothing to protect
    buckets: tuple[str, ...] = ("homeport-backup",)

    def environment(self) -> dict[str, str]:
        """What the cloud's container is told."""
        return {
            "S3_HOST": HOST,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
            "S3_BUCKETS": " ".join(self.buckets),
        }
