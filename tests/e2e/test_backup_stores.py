"""Backups in Google Cloud Storage, with the machine's own account, and in an S3-compatible store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest

from sandbox.cloud import Cloud
from sandbox.object_account import HOST, ObjectAccount
from sandbox.stores import ObjectStore
from tests.e2e.backups import ENVIRONMENT, Machine, backup, bucket_of
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed

pytestmark = pytest.mark.long
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
    without_right: Callable[[], AbstractContextManager[None]]
    """Meanwhile the store refuses the machine."""
    refusal: str
    """The store's words for that."""

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Meanwhile the scripts give up after seconds."""
        self.machine.shell(_IMPATIENT)
        try:
            yield
        finally:
            self.machine.shell("rm /usr/local/bin/timeout")


@contextmanager
def google(deployed: Deployed) -> Iterator[Kept]:
    """In a bucket that the program makes."""
    deployed.up(backup(store={"kind": "gcs"}))
    bucket, cloud = bucket_of(deployed.engine), Cloud(deployed.box.directory)

    @contextmanager
    def without_role() -> Iterator[None]:
        members = cloud.all("bucketMember").items()
        ((name, member),) = [(name, entry) for name, entry in members if entry["bucket"] == bucket]
        cloud.remove("bucketMember", name)
        try:
            yield
        finally:
            cloud.put("bucketMember", name, dict(member))

    store = ObjectStore.google(deployed.box)
    refusal = "does not have storage.objects"
    yield Kept(Machine(deployed), store, bucket, f"gs:{bucket}:/", without_role, refusal)
    # As in Google's cloud, a bucket with something in it is not deleted.
    for key in store.objects(bucket):
        store.remove(bucket, key)


@contextmanager
def s3(deployed: Deployed) -> Iterator[Kept]:
    """In a bucket that was there, with its owner's key."""
    (bucket,) = ACCOUNT.buckets
    settings = {"kind": "s3", "endpoint": HOST, "bucket": bucket, "prefix": "chat"}
    engine = deployed.with_changes(backup(store=settings))
    engine.set_secret("homeport:backupAccessKey", ACCOUNT.access_key)
    engine.set_secret("homeport:backupSecretKey", ACCOUNT.secret_key)
    engine.up()
    machine = Machine(deployed)

    @contextmanager
    def without_key() -> Iterator[None]:
        wrong = f"sed -i 's/SECRET_ACCESS_KEY=.*/SECRET_ACCESS_KEY=no/' {ENVIRONMENT}"
        machine.shell(f"cp -p {ENVIRONMENT} /root/good; {wrong}")
        try:
            yield
        finally:
            machine.shell(f"mv /root/good {ENVIRONMENT}")

    store, repository = ObjectStore.s3(deployed.box), f"s3:https://{HOST}/{bucket}/chat"
    refusal = "signature we calculated does not match"
    yield Kept(machine, store, bucket, repository, without_key, refusal)
    engine.remove_config("homeport:backupAccessKey")
    engine.remove_config("homeport:backupSecretKey")


@pytest.fixture(scope="module", params=[google, s3], ids=["google", "s3"])
def kept(request: pytest.FixtureRequest, deployed: Deployed, chat: Chat) -> Iterator[Kept]:
    """Each of the two, with a backup; the stack without backups in the end."""
    chat.post(MESSAGE)
    with request.param(deployed) as found:
        result = found.machine.save()
        assert (result["ok"], result["error"]) == (True, None)
        yield found
    deployed.engine.command("state", "unprotect", "--all", "--yes")
    deployed.up()


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
    with kept.impatient(), kept.store.unreachable():
        result = kept.machine.save()
    assert (result["ok"], result["lastSuccess"]) == (False, good)
    assert str(result["error"]).startswith(f"the store {kept.repository} cannot be reached: ")
    assert "connection refused" in str(result["error"])


def test_a_store_that_refuses_the_machine_is_told(kept: Kept) -> None:
    with kept.impatient(), kept.without_right():
        result = kept.machine.save()
    assert result["ok"] is False
    assert kept.refusal in str(result["error"])
