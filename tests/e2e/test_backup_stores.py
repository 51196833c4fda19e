"""Backups in Google Cloud Storage, with the machine's own account, and in an S3-compatible store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from sandbox.cloud import Cloud
from sandbox.object_account import HOST, ObjectAccount
from sandbox.stores import ObjectStore
from tests.e2e.backups import ENVIRONMENT, Machine, backup, bucket_of
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed
from tests.e2e.test_loss import VERSION
from tests.e2e.test_updates import app

ACCOUNT = ObjectAccount()
MESSAGE = "saved in a store of objects"
_IMPATIENT = """
cat >/usr/local/bin/timeout <<'EOF'
#!/bin/sh
shift
exec /usr/bin/timeout 5 "$@"
EOF
chmod 755 /usr/local/bin/timeout
"""
"""restic tries again for as long as the scripts let it, five minutes."""


@dataclass(frozen=True)
class Kept:
    """Backups in one of the stores."""

    machine: Machine
    store: ObjectStore
    bucket: str
    repository: str
    """As the messages call it."""

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Meanwhile the scripts give up after seconds."""
        self.machine.shell(_IMPATIENT)
        try:
            yield
        finally:
            self.machine.shell("rm /usr/local/bin/timeout")


@pytest.fixture(scope="module")
def message(chat: Chat) -> str:
    """Id of a message that is in the backups."""
    return chat.post(MESSAGE)


@pytest.fixture(scope="module")
def google(deployed: Deployed, message: str) -> Iterator[Kept]:
    """In a bucket that the program makes."""
    deployed.up(backup(store={"kind": "gcs"}))
    bucket = bucket_of(deployed.engine)
    yield Kept(Machine(deployed), ObjectStore.google(deployed.box), bucket, f"gs:{bucket}:/")
    deployed.engine.forget("gcp:storage/")
    deployed.engine.command("state", "unprotect", "--all", "--yes")
    deployed.up(app(version=VERSION))


@pytest.fixture(scope="module")
def s3(deployed: Deployed, message: str) -> Iterator[Kept]:
    """In a bucket that was there, with its owner's key."""
    (bucket,) = ACCOUNT.buckets
    store = {"kind": "s3", "endpoint": HOST, "bucket": bucket, "prefix": "chat"}
    engine = deployed.with_changes(backup(store=store))
    engine.set_secret("homeport:backupAccessKey", ACCOUNT.access_key)
    engine.set_secret("homeport:backupSecretKey", ACCOUNT.secret_key)
    engine.up()
    repository = f"s3:https://{HOST}/{bucket}/chat"
    yield Kept(Machine(deployed), ObjectStore.s3(deployed.box), bucket, repository)
    engine.remove_config("homeport:backupAccessKey")
    engine.remove_config("homeport:backupSecretKey")
    deployed.engine.command("state", "unprotect", "--all", "--yes")
    deployed.up(app(version=VERSION))


@pytest.fixture(scope="module", params=["google", "s3"])
def kept(request: pytest.FixtureRequest) -> Kept:
    """Each of the two, with a backup."""
    found: Kept = request.getfixturevalue(request.param)
    result = found.machine.save()
    assert (result["ok"], result["error"]) == (True, None)
    return found


def test_a_backup_in_the_store_can_be_restored(kept: Kept) -> None:
    verified = kept.machine.verify()
    assert (verified["ok"], verified["error"]) == (True, None)
    assert verified["snapshot"] == kept.machine.result("last")["snapshot"]


def test_nothing_in_the_store_can_be_read_without_the_password(kept: Kept) -> None:
    keys = kept.store.objects(kept.bucket)
    assert [key for key in keys if "/data/" in f"/{key}"]
    assert not [key for key in keys if MESSAGE.encode() in kept.store.read(kept.bucket, key)]


def test_a_store_that_cannot_be_reached_is_told(kept: Kept) -> None:
    good = kept.machine.result("last")["lastSuccess"]
    with kept.failing(), kept.store.unreachable():
        result = kept.machine.save()
    assert (result["ok"], result["lastSuccess"]) == (False, good)
    assert str(result["error"]).startswith(f"the store {kept.repository} cannot be reached: ")
    assert "connection refused" in str(result["error"])


def test_a_role_that_was_taken_away_is_told(deployed: Deployed, google: Kept) -> None:
    cloud = Cloud(deployed.box.directory)
    members = cloud.all("bucketMember").items()
    ((name, member),) = [(name, entry) for name, entry in members if entry["bucket"] == google.bucket]
    cloud.remove("bucketMember", name)
    try:
        with google.failing():
            result = google.machine.save()
    finally:
        cloud.put("bucketMember", name, dict(member))
    assert result["ok"] is False
    assert "does not have storage.objects" in str(result["error"])


def test_a_wrong_secret_key_is_told(s3: Kept) -> None:
    s3.machine.shell(
        f"cp -p {ENVIRONMENT} /root/good; sed -i 's/SECRET_ACCESS_KEY=.*/SECRET_ACCESS_KEY=no/' {ENVIRONMENT}"
    )
    try:
        with s3.failing():
            result = s3.machine.save()
    finally:
        s3.machine.shell(f"mv /root/good {ENVIRONMENT}")
    assert result["ok"] is False
    assert "signature we calculated does not match" in str(result["error"])
