"""The object stores of the sandbox, with the real restic on a machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from sandbox.box import Box
from sandbox.cloud import PROJECT, Cloud, account_email
from sandbox.object_account import ENDPOINT, ObjectAccount
from sandbox.stores import ObjectStore
from tests.machine.bare_machine import BareMachine

BUCKET = "homeport-backup"
ACCOUNT = ObjectAccount(buckets=(BUCKET,))
MACHINE = "restic"
EMAIL = account_email("backup-machine")
ALL = "https://www.googleapis.com/auth/cloud-platform"
READ_ONLY = "https://www.googleapis.com/auth/devstorage.read_only"
KEYS = {"AWS_ACCESS_KEY_ID": ACCOUNT.access_key, "AWS_SECRET_ACCESS_KEY": ACCOUNT.secret_key}
TOKEN = (
    "$(curl -s -H 'Metadata-Flavor: Google' http://metadata.google.internal"
    "/computeMetadata/v1/instance/service-accounts/default/token | cut -d'\"' -f4)"
)


@dataclass(frozen=True)
class Repository:
    """A repository that is there, with one backup of `/srv/data`."""

    store: ObjectStore
    url: str
    machine: BareMachine
    keys: Mapping[str, str]
    patience: int = 30
    """Seconds that restic gets. It tries again for a quarter of an hour where a store refuses it."""

    def restic(self, command: str, **other: str) -> tuple[int, str]:
        """Status and output of restic on the machine; `other` keys than its own."""
        environment = {
            "RESTIC_REPOSITORY": self.url,
            "RESTIC_PASSWORD": "one for the repository",
            "HOME": "/root",
            **self.keys,
            **other,
        }
        return self.machine.sh(f"timeout {self.patience} restic {command}", environment)

    @property
    def packs(self) -> list[str]:
        """The keys of the objects with data."""
        return [key for key in self.store.objects(BUCKET) if key.startswith("chat/data/")]


@pytest.fixture(scope="module")
def restic_machine(bootstrap_box: Box) -> Iterator[BareMachine]:
    """A machine with restic, and with a service account that has a role on the bucket."""
    description = bootstrap_box.start(objects=ACCOUNT)
    booted = BareMachine(bootstrap_box, description, MACHINE, number=12, prepared=True)
    booted.boot()
    _world(bootstrap_box)
    booted.read("mkdir -p /srv/data && head -c 300000 /dev/urandom >/srv/data/file")
    yield booted
    booted.delete()


def _world(
    box: Box, role: str | None = "roles/storage.objectAdmin", scope: str = ALL, *, disabled: bool = False
) -> None:
    """The account, its role on the bucket, and the scopes of the machine."""
    with Cloud(box.directory).changing() as kinds:
        kinds["instance"][MACHINE].update(serviceAccount=EMAIL, scopes=[scope])
        kinds["serviceAccount"] = {"backup-machine": {"accountId": "backup-machine", "disabled": disabled}}
        kinds["bucket"] = {BUCKET: {"name": BUCKET, "project": PROJECT, "storageClass": "STANDARD"}}
        member = {"bucket": BUCKET, "role": role, "member": f"serviceAccount:{EMAIL}"}
        kinds["bucketMember"] = {"one": {**member}} if role else {}


@pytest.fixture(scope="module", params=["google", "s3"])
def repository(request: pytest.FixtureRequest, bootstrap_box: Box, restic_machine: BareMachine) -> Repository:
    """One in each store."""
    if request.param == "google":
        found = Repository(ObjectStore.google(bootstrap_box), f"gs:{BUCKET}:/chat", restic_machine, {})
    else:
        s3 = ObjectStore.s3(bootstrap_box)
        found = Repository(s3, f"s3:{ENDPOINT}/{BUCKET}/chat", restic_machine, KEYS)
    for command in ("init", "backup /srv/data"):
        status, output = found.restic(command)
        assert status == 0, output
    return found


@pytest.fixture(scope="module")
def google(bootstrap_box: Box, restic_machine: BareMachine) -> Repository:
    """One in Google Cloud Storage, for tests of who may do what."""
    found = Repository(ObjectStore.google(bootstrap_box), f"gs:{BUCKET}:/roles", restic_machine, {})
    status, output = found.restic("init")
    assert status == 0, output
    return found


def test_a_backup_is_restored_as_it_was(repository: Repository) -> None:
    status, output = repository.restic("restore latest --target /srv/restored")
    assert status == 0, output
    repository.machine.read("cmp /srv/data/file /srv/restored/srv/data/file; rm -r /srv/restored")


def test_a_repository_passes_its_check(repository: Repository) -> None:
    status, output = repository.restic("check --read-data")
    assert (status, "no errors were found" in output) == (0, True), output


def test_backups_that_are_forgotten_take_their_objects_along(repository: Repository) -> None:
    repository.machine.read("mkdir -p /srv/more && head -c 200000 /dev/urandom >/srv/more/file")
    before = set(repository.packs)
    assert repository.restic("backup --tag more /srv/more")[0] == 0
    more = set(repository.packs) - before
    assert more

    status, output = repository.restic("forget --tag more --group-by tags --keep-tag none --prune")

    assert status == 0, output
    assert not more & set(repository.packs)


def test_damage_is_found_by_a_check_that_reads(repository: Repository) -> None:
    pack = max(repository.packs, key=lambda key: len(repository.store.read(BUCKET, key)))
    repository.store.damage(BUCKET, pack)
    try:
        status, output = repository.restic("check --read-data")
    finally:
        repository.store.damage(BUCKET, pack)
    assert status != 0
    assert pack.rsplit("/", 1)[-1][:8] in output


def test_a_lost_object_is_found_by_a_check(repository: Repository) -> None:
    other = replace(repository, url=f"{repository.url}-lost")
    assert other.restic("init")[0] == 0
    assert other.restic("backup /etc/hostname")[0] == 0
    lost = next(key for key in other.store.objects(BUCKET) if key.startswith("chat-lost/data/"))
    other.store.remove(BUCKET, lost)

    # It looks for the object again and again.
    status, output = replace(other, patience=12).restic("check")

    assert status != 0
    assert lost.rsplit("/", 1)[-1][:8] in output


def test_an_unreachable_store_refuses_connections_until_it_is_back(
    repository: Repository,
) -> None:
    with repository.store.unreachable():
        status, output = replace(repository, patience=8).restic("cat config")
        assert (status != 0, "connection refused" in output) == (True, True), output
    assert repository.restic("cat config")[0] == 0


def test_a_wrong_secret_is_refused(restic_machine: BareMachine, bootstrap_box: Box) -> None:
    s3 = ObjectStore.s3(bootstrap_box)
    found = Repository(s3, f"s3:{ENDPOINT}/{BUCKET}/wrong", restic_machine, KEYS, patience=8)
    status, output = found.restic("init", AWS_SECRET_ACCESS_KEY="wrong")
    assert status != 0
    assert "signature we calculated does not match" in output


def test_an_unknown_access_key_is_refused(restic_machine: BareMachine, bootstrap_box: Box) -> None:
    s3 = ObjectStore.s3(bootstrap_box)
    found = Repository(s3, f"s3:{ENDPOINT}/{BUCKET}/wrong", restic_machine, KEYS, patience=8)
    assert found.restic("init", AWS_ACCESS_KEY_ID="somebody")[0] != 0
    assert not [key for key in s3.objects(BUCKET) if key.startswith("wrong/")]


def test_a_bucket_that_was_not_asked_for_is_not_there(
    restic_machine: BareMachine, bootstrap_box: Box
) -> None:
    found = Repository(
        ObjectStore.s3(bootstrap_box), f"s3:{ENDPOINT}/other/chat", restic_machine, KEYS, patience=8
    )
    status, output = found.restic("init")
    assert (status != 0, "makes and removes no buckets" in output) == (True, True), output


@pytest.mark.parametrize(
    ("role", "scope", "disabled", "said"),
    [
        (None, ALL, False, "does not have storage.objects"),
        ("roles/storage.objectViewer", ALL, False, "does not have storage.objects.create"),
        ("roles/storage.objectAdmin", READ_ONLY, False, "Provided scope(s) are not authorized"),
        ("roles/storage.objectAdmin", ALL, True, "Invalid Credentials"),
    ],
    ids=["no role", "a role to read", "a scope to read", "a disabled account"],
)
def test_without_the_right_nothing_is_written(
    bootstrap_box: Box, google: Repository, role: str | None, scope: str, disabled: bool, said: str
) -> None:
    before = google.store.objects(BUCKET)
    _world(bootstrap_box, role, scope, disabled=disabled)
    try:
        # Not restic: it repeats for 15 minutes what is refused so.
        status, output = google.machine.sh(
            f'curl -s -w %{{http_code}} -H "Authorization: Bearer {TOKEN}" -H "Content-Type: text/plain" -d x'
            f' "https://storage.googleapis.com/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name=new"'
        )
    finally:
        _world(bootstrap_box)
    assert status == 0
    assert said in output
    assert output.endswith("401" if disabled else "403")
    assert google.store.objects(BUCKET) == before


def test_restic_without_a_role_opens_no_repository(bootstrap_box: Box, google: Repository) -> None:
    _world(bootstrap_box, role=None)
    try:
        status, output = replace(google, patience=8).restic("cat config")
    finally:
        _world(bootstrap_box)
    assert status != 0
    assert "403" in output or "does not have storage.objects.get" in output, output


@pytest.mark.parametrize("token", ["", "-H 'Authorization: Bearer ya29.forged'"], ids=["none", "forged"])
def test_a_token_that_was_not_issued_here_is_refused(google: Repository, token: str) -> None:
    url = f"https://storage.googleapis.com/storage/v1/b/{BUCKET}/o"
    answer = json.loads(google.machine.read(f"curl -s {token} {url}"))
    assert answer["error"]["code"] == 401
    assert answer["error"]["errors"][0]["domain"] == "global"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (f"https://storage.googleapis.com/storage/v1/b/{BUCKET}/o?maxResults=1", 200),
        (f"https://www.googleapis.com/storage/v1/b/{BUCKET}/o?maxResults=1", 200),
        (f"https://storage.googleapis.com/storage/v1/b/{BUCKET}", 403),
        ("https://storage.googleapis.com/storage/v1/b/not-made/o", 404),
        (f"https://storage.googleapis.com/storage/v1/b/{BUCKET}/o?versions=true", 501),
        (f"https://storage.googleapis.com/storage/v1/b/{BUCKET}/iam", 501),
        (f"-X PATCH https://storage.googleapis.com/storage/v1/b/{BUCKET}/o/config", 501),
        (f"-X PUT -d x https://storage.googleapis.com/{BUCKET}/config", 501),
        (f"-H 'x-goog-if-generation-match: 0' https://storage.googleapis.com/{BUCKET}/config", 501),
    ],
)
def test_what_an_object_admin_asks_for_is_answered_so(google: Repository, request_: str, status: int) -> None:
    answer = google.machine.read(
        f'curl -s -o /dev/null -w %{{http_code}} -H "Authorization: Bearer {TOKEN}" {request_}'
    )
    assert answer == str(status)
