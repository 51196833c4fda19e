"""Backups as they are deployed: the store, what the machine is told, and what waits for a restore."""

from __future__ import annotations

import json
import re

import pytest

from components.default_images import default_tag
from tests.unit.deployment.providers import generated, real_name
from tests.unit.deployment.recorder import Changes, SecretText, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.script import variables
from tests.unit.deployment.value import Secret, plain_texts, revealed

PASSWORD = "the-old-password"
GCS: Changes = {"homeport:backup": {"store": {"kind": "gcs"}}}
S3: Changes = {
    "homeport:backup": {
        "store": {
            "kind": "s3",
            "endpoint": "s3.example.com:9000",
            "bucket": "saved",
            "region": "eu-1",
            "prefix": "chat/",
        }
    },
    "homeport:backupAccessKey": SecretText("access-half"),
    "homeport:backupSecretKey": SecretText("secret-half"),
}
RESTORE: Changes = {
    "homeport:backup": {
        "store": {"kind": "directory", "path": "/mnt/nas/chat"},
        "restoreFrom": "latest",
        "password": "supplied",
    },
    "homeport:backupPassword": SecretText(PASSWORD),
}
COMMAND = "command:remote:Command"


def told(recording: Recording, name: str) -> dict[str, str]:
    return variables(recording.one(COMMAND, name).text("stdin"))


def environment(recording: Recording) -> list[str]:
    return told(recording, "backup-tools")["ENVIRONMENT"].splitlines()


def plan(recording: Recording, app: str) -> dict[str, object]:
    task = told(recording, "backup-timer")["TASK"]
    plan: dict[str, dict[str, dict[str, object]]] = json.loads(variables(task)["PLAN"])
    return plan["apps"][app]


@pytest.fixture
def gcs() -> Recording:
    return deployed("chat", GCS)


def test_nothing_is_made_without_the_section() -> None:
    recording = deployed("chat", {"homeport:backup": None})
    assert [r.name for r in recording.resources if "backup" in r.name] == []
    assert "backup" not in recording.outputs


def test_a_bucket_is_closed_keeps_what_was_deleted_and_stays(gcs: Recording) -> None:
    bucket = gcs.one("gcp:storage:Bucket")
    assert bucket.protect
    assert bucket.inputs["location"] == "US"
    assert bucket.inputs["uniformBucketLevelAccess"] is True
    assert bucket.inputs["publicAccessPrevention"] == "enforced"
    assert bucket.at("versioning", "enabled") is True
    assert bucket.at("lifecycleRules", 0, "action", "type") == "Delete"
    assert bucket.at("lifecycleRules", 0, "condition", "daysSinceNoncurrentTime") == 30


def test_the_machines_account_may_use_this_bucket_and_no_other(gcs: Recording) -> None:
    grant = gcs.one("gcp:storage:BucketIAMMember")
    assert grant.text("bucket") == real_name("homeport-chat-backup")
    assert grant.text("role") == "roles/storage.objectAdmin"
    assert grant.text("member") == "serviceAccount:homeport-chat@project.iam"


def test_nobody_uses_a_bucket_before_it_is_allowed(gcs: Recording) -> None:
    assert "backup-access" in gcs.before(gcs.one(COMMAND, "backup-tools"))


def test_a_bucket_of_gcs_needs_no_key(gcs: Recording) -> None:
    assert environment(gcs) == [
        f"RESTIC_REPOSITORY=gs:{real_name('homeport-chat-backup')}:/",
        f"RESTIC_PASSWORD={generated('backup-password')}",
    ]


def test_a_bucket_that_exists_is_only_opened() -> None:
    changes: Changes = {"homeport:backup": {"store": {"kind": "gcs", "bucket": "homeport-old-backup"}}}
    recording = deployed("chat", changes)
    assert recording.all("gcp:storage:Bucket") == []
    assert recording.one("gcp:storage:BucketIAMMember").text("bucket") == "homeport-old-backup"


def test_a_bucket_of_s3_is_opened_with_its_key() -> None:
    assert environment(deployed("chat", S3)) == [
        "RESTIC_REPOSITORY=s3:https://s3.example.com:9000/saved/chat",
        f"RESTIC_PASSWORD={generated('backup-password')}",
        "AWS_ACCESS_KEY_ID=access-half",
        "AWS_SECRET_ACCESS_KEY=secret-half",
        "AWS_DEFAULT_REGION=eu-1",
    ]


def test_no_secret_of_a_backup_is_a_plain_input() -> None:
    for changes, secrets in ((S3, ["access-half", "secret-half"]), (RESTORE, [PASSWORD])):
        recording = deployed("chat", changes)
        texts = [text for resource in recording.resources for text in plain_texts(resource.inputs)]
        for secret in (*secrets, generated("backup-password")):
            assert [text for text in texts if secret in text] == []


def test_the_password_is_protected_and_shown_as_a_secret(gcs: Recording) -> None:
    assert gcs.one("random:RandomPassword", "backup-password").protect
    shown = gcs.outputs["backup"]
    assert isinstance(shown, dict)
    assert shown["password"] == Secret(generated("backup-password"))


def test_a_supplied_password_leaves_the_generated_one_where_it_is() -> None:
    recording = deployed("chat", RESTORE)
    assert f"RESTIC_PASSWORD={PASSWORD}" in environment(recording)
    assert recording.one("random:RandomPassword", "backup-password").protect


def test_the_database_is_dumped_and_its_folder_is_not_copied(gcs: Recording) -> None:
    app = plan(gcs, "mattermost")
    assert app["databases"] == [
        {
            "service": "postgres",
            "name": "mattermost",
            "major": 17,
            "image": f"postgres:{default_tag('postgres')}",
        }
    ]
    volumes = app["volumes"]
    assert isinstance(volumes, list)
    assert [volume["name"] for volume in volumes] == [
        *("config", "data", "logs", "plugins", "client-plugins", "identity")
    ]
    assert {volume["kind"] for volume in volumes} == {"files"}


def test_redis_and_the_identity_of_a_mastodon_are_saved() -> None:
    recording = deployed("social", GCS)
    volumes = plan(recording, "mastodon")["volumes"]
    assert isinstance(volumes, list)
    kinds = {volume["name"]: (volume["kind"], volume["service"]) for volume in volumes}
    assert kinds["redis"] == ("redis", "redis")
    assert kinds["identity"] == ("files", "")


def test_every_saved_volume_is_one_that_is_made() -> None:
    recording = deployed("social", GCS)
    volumes = plan(recording, "mastodon")["volumes"]
    assert isinstance(volumes, list)
    made = {volume.inputs.get("name") for volume in recording.all("docker:Volume")}
    assert {volume["volume"] for volume in volumes} <= made


def test_counts_of_zero_are_not_said_to_restic() -> None:
    changes: Changes = {"homeport:backup": {"store": {"kind": "gcs"}, "keep": {"weekly": 0}}}
    task = told(deployed("chat", changes), "backup-timer")["TASK"]
    assert variables(task)["KEEP"] == "--keep-within 1d --keep-daily 7 --keep-monthly 6"


def test_nothing_is_backed_up_before_every_app_is_there(gcs: Recording) -> None:
    before = gcs.before(gcs.one(COMMAND, "backup-timer"))
    assert "mattermost-administrator" in before
    assert any(re.match("mattermost-mattermost-", name) for name in before)


def test_timers_and_tools_come_back_on_a_new_machine(gcs: Recording) -> None:
    for name in ("backup-tools", "backup-timer", "backup-verify-timer"):
        assert "homeport-chat" in {urn.rpartition("::")[2] for urn in gcs.one(COMMAND, name).uses}


def restored(stack: str) -> Recording:
    return deployed(stack, RESTORE)


def waits(recording: Recording, resource: Resource) -> set[str]:
    return {name for name in recording.before(resource) if "-restore-" in name}


def test_files_are_there_before_any_container_of_the_app_starts() -> None:
    recording = restored("social")
    for container in recording.all("docker:Container"):
        if container.name.startswith("mastodon"):
            assert "mastodon-restore-files" in waits(recording, container), container.name


def test_databases_are_filled_between_their_server_and_the_first_job() -> None:
    recording = restored("social")
    databases = recording.one(COMMAND, "mastodon-restore-databases")
    assert "mastodon-postgres" in recording.before(databases)
    password = recording.one(COMMAND, "mastodon-database-password")
    assert "mastodon-restore-databases" in recording.before(password)


def test_what_was_written_at_first_is_compared_after_it_is_restored() -> None:
    recording = restored("social")
    guard = recording.one(COMMAND, "mastodon-identity")
    assert "mastodon-restore-files" in recording.before(guard)


def test_a_restore_is_not_run_again_for_another_script_but_for_another_disk() -> None:
    recording = restored("chat")
    for name in ("mattermost-restore-files", "mattermost-restore-databases"):
        command = recording.one(COMMAND, name)
        assert set(command.ignore_changes) == {"stdin", "create"}
        assert len(command.texts("triggers")) == 1


def test_lasting_secrets_are_those_of_the_backup() -> None:
    recording = restored("social")
    identity = variables(recording.one(COMMAND, "mastodon-identity").text("stdin"))["IDENTITY"]
    assert "SECRET_KEY_BASE saved-SECRET_KEY_BASE" in identity
    assert "VAPID_PUBLIC_KEY saved-VAPID_PUBLIC_KEY" in identity


def test_lasting_secrets_that_no_backup_has_are_generated() -> None:
    recording = deployed("social", GCS)
    identity = variables(recording.one(COMMAND, "mastodon-identity").text("stdin"))["IDENTITY"]
    assert f"SECRET_KEY_BASE {generated('mastodon-secret-key-base')}" in identity


def test_what_is_restored_is_read_as_a_secret() -> None:
    recording = restored("social")
    web = recording.starting("docker:Container", "mastodon-web")
    values = [value for value in web.inputs["envs"] if "saved-SECRET" in str(revealed(value))]  # type: ignore[union-attr]
    assert values
    assert all(isinstance(value, Secret) for value in values)
