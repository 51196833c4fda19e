"""Google Cloud Storage as resources: buckets, and who may do what in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pytest
from pulumi_gcp import serviceaccount, storage

from sandbox.cloud import Cloud
from tests.engine.empty_cloud import empty_cloud
from tests.engine.trial import Trial

NAME = "homeport-chat-backup"
MEMBER = "serviceAccount:homeport-chat@homeport-sandbox.iam.gserviceaccount.com"


@pytest.fixture
def cloud(trial: Trial) -> Cloud:
    """A cloud without a container."""
    return empty_cloud(trial.world, "storage")


@dataclass(frozen=True)
class Backup:
    """A bucket that a machine's account writes to, as a program; what a test changes are fields."""

    name: str = NAME
    location: str = "us-west1"
    age: int = 90
    force_destroy: bool = False
    member: str = ""
    role: str = "roles/storage.objectAdmin"

    def __call__(self) -> None:
        account = serviceaccount.Account("account", account_id="homeport-chat")
        bucket = storage.Bucket(
            "bucket",
            name=self.name,
            location=self.location,
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=storage.BucketVersioningArgs(enabled=True),
            lifecycle_rules=[
                storage.BucketLifecycleRuleArgs(
                    action=storage.BucketLifecycleRuleActionArgs(type="Delete"),
                    condition=storage.BucketLifecycleRuleConditionArgs(age=self.age),
                )
            ],
            force_destroy=self.force_destroy,
        )
        storage.BucketIAMMember(
            "writes", bucket=bucket.name, role=self.role, member=self.member or account.member
        )
        pulumi.export("url", bucket.url)


@pytest.fixture(scope="module")
def first(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A bucket that was made."""
    found = Trial(home, "backed-up", tmp_path_factory.mktemp("storage"))
    empty_cloud(found.world, "storage")
    found.up(Backup())
    return found


@pytest.fixture
def backed_up(first: Trial, trial: Trial, cloud: Cloud) -> None:
    """The test begins with a bucket that was made."""
    trial.begin_as(first)


def _served(world: Path) -> dict[str, object]:
    served: dict[str, object] = json.loads((world / "cloud" / "storage.json").read_text())
    return served


def _put_object(world: Path) -> Path:
    path = world / "stores" / "google" / NAME / "config.json"
    path.write_text("{}")
    return path


def test_a_bucket_is_made_once_and_stays_as_it_is(trial: Trial, cloud: Cloud) -> None:
    assert trial.up(Backup()) == {"create": 4}
    assert trial.up(Backup()) == {}
    assert trial.refresh() == {}
    assert trial.up(Backup()) == {}


@pytest.mark.usefixtures("backed_up")
def test_the_store_is_told_of_bucket_member_and_account(trial: Trial, cloud: Cloud) -> None:
    served = _served(trial.world)
    assert list(json.loads(json.dumps(served["buckets"]))) == [NAME]
    assert served["members"] == [[NAME, "roles/storage.objectAdmin", MEMBER]]
    assert served["accounts"] == {MEMBER.removeprefix("serviceAccount:"): True}
    assert trial.outputs() == {"url": f"gs://{NAME}"}


def test_a_name_that_somebody_else_has_is_refused(trial: Trial, cloud: Cloud) -> None:
    cloud.put("bucket", NAME, {"name": NAME, "project": "somebody-else"})

    assert "The requested bucket name is not available" in trial.failing_up(Backup())
    assert _served(trial.world)["buckets"] == {}


def test_a_bucket_that_is_there_already_is_refused(trial: Trial, cloud: Cloud) -> None:
    cloud.put("bucket", NAME, {"name": NAME, "project": "homeport-sandbox"})

    assert "you already own it" in trial.failing_up(Backup())


@pytest.mark.usefixtures("backed_up")
def test_a_lifecycle_rule_changes_in_place(trial: Trial, cloud: Cloud) -> None:
    assert trial.up(Backup(age=30)) == {"update": 1}
    assert cloud.all("bucket")[NAME]["lifecycleRules"] == [
        {"action": {"type": "Delete"}, "condition": {"age": 30}}
    ]


def test_another_location_replaces_an_empty_bucket(trial: Trial, cloud: Cloud) -> None:
    trial.up(Backup(name="first-name"))

    assert trial.up(Backup(name="second-name", location="europe-west1")) == {"replace": 2}
    assert list(cloud.all("bucket")) == ["second-name"]


@pytest.mark.usefixtures("backed_up")
def test_a_bucket_with_objects_is_not_deleted(trial: Trial, cloud: Cloud) -> None:
    kept = _put_object(trial.world)

    said = trial.failing_up(lambda: None)

    assert "containing objects without `force_destroy`" in said
    assert (kept.exists(), NAME in cloud.all("bucket")) == (True, True)
    # So that the stack can be destroyed.
    kept.unlink()


def test_a_bucket_with_objects_is_deleted_with_force(trial: Trial, cloud: Cloud) -> None:
    trial.up(Backup(force_destroy=True))
    kept = _put_object(trial.world)

    trial.destroy()

    assert (kept.exists(), cloud.all("bucket")) == (False, {})


@pytest.mark.usefixtures("backed_up")
def test_destroying_leaves_nothing(trial: Trial, cloud: Cloud) -> None:
    trial.destroy()

    left: dict[str, dict[str, object]] = json.loads((trial.world / "cloud.json").read_text())
    # The APIs are the project's.
    del left["service"]
    assert {kind: list(records) for kind, records in left.items() if records} == {}


@pytest.mark.usefixtures("backed_up")
def test_a_bucket_opened_to_the_public_by_hand_is_set_back(trial: Trial, cloud: Cloud) -> None:
    with cloud.changing() as kinds:
        kinds["bucket"][NAME]["publicAccessPrevention"] = "inherited"

    assert trial.refresh() == {"update": 1}
    assert trial.up(Backup()) == {"update": 1}
    assert cloud.all("bucket")[NAME]["publicAccessPrevention"] == "enforced"


@pytest.mark.usefixtures("backed_up")
def test_a_bucket_deleted_by_hand_is_made_again(trial: Trial, cloud: Cloud) -> None:
    with cloud.changing() as kinds:
        kinds["bucket"].clear()
        kinds["bucketMember"].clear()

    assert trial.refresh() == {"delete": 2}
    assert trial.up(Backup()) == {"create": 2}


@pytest.mark.usefixtures("backed_up")
def test_a_member_removed_by_hand_is_made_again(trial: Trial, cloud: Cloud) -> None:
    with cloud.changing() as kinds:
        kinds["bucketMember"].clear()

    assert trial.refresh() == {"delete": 1}
    assert trial.up(Backup()) == {"create": 1}
    assert _served(trial.world)["members"] == [[NAME, "roles/storage.objectAdmin", MEMBER]]


@pytest.mark.usefixtures("backed_up")
def test_another_role_replaces_the_member(trial: Trial, cloud: Cloud) -> None:
    assert trial.up(Backup(role="roles/storage.objectViewer")) == {"replace": 1}
    assert _served(trial.world)["members"] == [[NAME, "roles/storage.objectViewer", MEMBER]]


def test_an_account_that_does_not_exist_is_no_member(trial: Trial, cloud: Cloud) -> None:
    nobody = "serviceAccount:nobody@homeport-sandbox.iam.gserviceaccount.com"

    assert "does not exist" in trial.failing_up(Backup(member=nobody))


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (Backup(name="Not_A_Bucket"), "Not_A_Bucket"),
        (Backup(member="allUsers"), "the sandbox knows service accounts, not allUsers"),
        (Backup(role="roles/owner", member=MEMBER), "not roles/owner"),
        (
            lambda: storage.Bucket("bucket", location="us", requester_pays=True),
            "the sandbox does not know this property",
        ),
    ],
    ids=["name", "member", "role", "property"],
)
def test_what_the_store_does_not_know_is_refused(
    trial: Trial, cloud: Cloud, program: Backup, said: str
) -> None:
    assert said in trial.failing_preview(program)
