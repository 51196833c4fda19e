from __future__ import annotations

import pytest

from tests.unit.deployment.providers import (
    ADDRESS,
    private_key,
    public_key,
    real_name,
    resource_id,
    self_link,
    snapshot_link,
)
from tests.unit.deployment.recorder import deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.script import told, variables
from tests.unit.deployment.value import Secret
from tests.unit.docs.pages import KEY


@pytest.fixture
def chat() -> Recording:
    return deployed("chat")


@pytest.fixture
def instance(chat: Recording) -> Resource:
    return chat.one("gcp:compute:Instance")


def test_everything_of_the_machine_is_inside_its_host(chat: Recording) -> None:
    inside = {resource.urn for resource in chat.inside(chat.one("homeport:host:GceHost"))}
    machine = [r for r in chat.resources if r.type.startswith(("gcp:compute", "gcp:service", "tls:"))]
    assert machine
    assert {resource.urn for resource in machine} <= inside


def test_the_data_disk_is_protected(chat: Recording) -> None:
    assert chat.one("gcp:compute:Disk").protect


def test_the_data_disk_is_attached_under_the_name_that_the_bootstrap_looks_for(instance: Resource) -> None:
    assert instance.rows("attachedDisks") == [
        {"source": self_link("homeport-chat-data-b"), "deviceName": "data"}
    ]
    script = variables(instance.text("metadata", "startup-script"))
    assert script["DATA_DEVICE"] == "/dev/disk/by-id/google-data"


def test_the_old_machine_goes_before_the_new_one_comes(instance: Resource) -> None:
    assert instance.delete_before_replace


def test_a_changed_startup_script_is_a_change_of_metadata_only(instance: Resource) -> None:
    assert instance.text("metadata", "startup-script").startswith("#!/usr/bin/env bash\n")
    assert "metadataStartupScript" not in instance.inputs


def test_a_changed_size_stops_the_machine_and_does_not_replace_it(instance: Resource) -> None:
    assert instance.at("allowStoppingForUpdate") is True


def test_the_machine_has_the_static_address(instance: Resource) -> None:
    assert instance.text("networkInterfaces", 0, "accessConfigs", 0, "natIp") == ADDRESS


def test_the_machine_is_in_the_hosts_own_subnetwork(chat: Recording, instance: Resource) -> None:
    assert instance.text("networkInterfaces", 0, "subnetwork") == resource_id("homeport-chat")
    assert chat.one("gcp:compute:Subnetwork").urn in instance.depends_on


def test_the_machine_carries_the_tag_of_every_firewall_rule(chat: Recording) -> None:
    sandbox = deployed("sandbox")
    for recording in (chat, sandbox):
        targets = [tag for rule in recording.all("gcp:compute:Firewall") for tag in rule.texts("targetTags")]
        assert sorted(recording.one("gcp:compute:Instance").texts("tags")) == sorted(targets)


def test_the_private_host_key_is_secret_and_no_part_of_the_startup_script(instance: Resource) -> None:
    key = private_key("homeport-chat-key-host")
    assert instance.at("metadata", "homeport-host-key") == Secret(key)
    assert key not in instance.text("metadata", "startup-script")


def test_the_deploy_key_and_those_of_people_may_log_in() -> None:
    mine = f"ssh-ed25519 {KEY} me@example.com"
    recording = deployed(
        "chat", {"homeport:host.ssh.user": "ops", "homeport:host.ssh.authorizedKeys": [mine]}
    )
    instance = recording.one("gcp:compute:Instance")
    assert instance.text("metadata", "ssh-keys").splitlines() == [
        f"ops:{public_key('homeport-chat-key-login')}",
        f"ops:{mine}",
    ]


def test_keys_of_the_whole_cloud_project_do_not_open_the_machine(instance: Resource) -> None:
    assert instance.at("metadata", "block-project-ssh-keys") == "TRUE"
    assert instance.at("metadata", "enable-oslogin") == "FALSE"


def test_the_bootstrap_is_told_the_settings() -> None:
    recording = deployed(
        "chat",
        {"homeport:host.swap": 1024, "homeport:host.ssh.user": "ops", "homeport:host.docker": "docker-ce"},
    )
    script = variables(recording.one("gcp:compute:Instance").text("metadata", "startup-script"))
    assert (script["SWAP_MIB"], script["USER_NAME"], script["DOCKER_SOURCE"]) == ("1024", "ops", "docker-ce")


def test_the_bootstrap_pins_the_host_key_that_clients_expect(instance: Resource) -> None:
    script = variables(instance.text("metadata", "startup-script"))
    assert script["HOST_KEY"] == public_key("homeport-chat-key-host")


def test_disks_and_machine_are_as_large_as_the_settings_say() -> None:
    recording = deployed(
        "chat",
        {
            "homeport:host.machineType": "e2-medium",
            "homeport:host.bootDisk": 15,
            "homeport:host.dataDisk": 40,
            "homeport:host.diskType": "pd-ssd",
            "homeport:host.image": "debian-cloud/debian-12",
        },
    )
    instance = recording.one("gcp:compute:Instance")
    assert instance.at("machineType") == "e2-medium"
    assert instance.at("bootDisk", "initializeParams") == {
        "image": "debian-cloud/debian-12",
        "size": 15,
        "type": "pd-ssd",
    }
    disk = recording.one("gcp:compute:Disk")
    assert (disk.at("size"), disk.at("type"), disk.at("zone")) == (40, "pd-ssd", "us-west1-b")


def test_the_data_disk_is_snapshotted_every_day_and_outlives_its_disk(chat: Recording) -> None:
    policy = chat.one("gcp:compute:ResourcePolicy")
    assert policy.at("snapshotSchedulePolicy", "schedule", "dailySchedule", "daysInCycle") == 1
    assert policy.at("snapshotSchedulePolicy", "retentionPolicy") == {
        "maxRetentionDays": 7,
        "onSourceDiskDelete": "KEEP_AUTO_SNAPSHOTS",
    }
    attachment = chat.one("gcp:compute:DiskResourcePolicyAttachment")
    assert attachment.at("disk") == real_name("homeport-chat-data-b")
    assert attachment.at("name") == real_name("homeport-chat-daily")


def test_no_snapshots_means_no_policy() -> None:
    recording = deployed("chat", {"homeport:host.snapshots": 0})
    assert recording.names("gcp:compute:ResourcePolicy") == []
    assert recording.names("gcp:compute:DiskResourcePolicyAttachment") == []


def test_the_machines_account_has_no_role_but_the_one_for_its_backups(
    chat: Recording, instance: Resource
) -> None:
    assert instance.text("serviceAccount", "email") == "homeport-chat@project.iam"
    granted = [resource.type for resource in chat.resources if "iam" in resource.type.lower()]
    assert granted == ["gcp:storage/bucketIAMMember:BucketIAMMember"]


def test_the_machine_boots_only_what_is_signed(instance: Resource) -> None:
    assert instance.at("shieldedInstanceConfig", "enableSecureBoot") is True


def test_the_docker_engine_is_used_once_the_bootstrap_of_this_very_script_is_done(chat: Recording) -> None:
    ready = chat.one("command:remote:Command", "homeport-chat-ready-b")
    script = variables(chat.one("gcp:compute:Instance").text("metadata", "startup-script"))
    assert told(ready)["BOOTSTRAP_HASH"] == script["BOOTSTRAP_HASH"]
    assert chat.one("gcp:compute:Instance").urn in ready.depends_on
    on_it = [one for one in chat.resources if one.type.startswith("docker:")]
    assert on_it
    assert [one.name for one in on_it if ready.name not in chat.before(one)] == []


def test_every_script_waits_for_the_machine_as_well(chat: Recording) -> None:
    scripts = chat.all("command:remote:Command")
    assert [one.name for one in scripts if "homeport-chat-ready-b" not in chat.before(one)] == [
        "homeport-chat-ready-b"
    ]


def test_the_provider_starts_while_the_machine_is_asked_for_its_key(chat: Recording) -> None:
    provider = chat.one("pulumi:providers:docker")
    needed = [chat.one("gcp:compute:Address"), *chat.all("tls:PrivateKey")]
    assert provider.depends_on == {one.urn for one in needed}


def test_readiness_is_asked_for_as_root(chat: Recording) -> None:
    assert chat.one("command:remote:Command", "homeport-chat-ready-b").text("create") == "sudo bash -s"


def test_another_machine_and_another_size_are_waited_for_again() -> None:
    def triggers(machine_type: str) -> list[str]:
        recording = deployed("chat", {"homeport:host.machineType": machine_type})
        return recording.one("command:remote:Command", "homeport-chat-ready-b").texts("triggers")

    assert triggers("e2-micro")[0] == "4711/e2-micro"
    assert triggers("e2-medium")[0] == "4711/e2-medium"


def test_a_bootstrap_that_failed_is_waited_for_again_with_whatever_settings(chat: Recording) -> None:
    ready = chat.one("command:remote:Command", "homeport-chat-ready-b")
    other = deployed("chat", {"homeport:host.swap": 1024}).one(
        "command:remote:Command", "homeport-chat-ready-b"
    )
    assert ready.texts("triggers")[1] != other.texts("triggers")[1]
    assert ready.delete_before_replace


def test_a_changed_bootstrap_is_waited_for_again(chat: Recording) -> None:
    other = deployed("chat", {"homeport:host.swap": 1024})
    scripts = {
        recording.one("command:remote:Command", "homeport-chat-ready-b").text("stdin")
        for recording in (chat, other)
    }
    assert len(scripts) == 2


@pytest.fixture
def moving() -> Recording:
    return deployed("chat", {"homeport:host.zone": "us-west1-c", "homeport:host.movedFrom": "us-west1-b"})


def test_a_move_leaves_the_old_disk_as_it_is(chat: Recording, moving: Recording) -> None:
    before, after = (r.one("gcp:compute:Disk", "homeport-chat-data-b") for r in (chat, moving))
    assert (after.urn, after.inputs, after.protect) == (before.urn, before.inputs, True)


def test_the_moved_disk_is_made_from_a_snapshot_of_the_old_one(moving: Recording) -> None:
    snapshot = moving.one("gcp:compute:Snapshot")
    assert snapshot.at("sourceDisk") == self_link("homeport-chat-data-b")
    disk = moving.one("gcp:compute:Disk", "homeport-chat-data-c")
    assert (disk.at("zone"), disk.at("snapshot")) == ("us-west1-c", snapshot_link(snapshot.name))
    assert disk.ignore_changes == ("snapshot",)


def test_the_snapshot_is_taken_when_the_old_machine_is_at_rest(moving: Recording) -> None:
    rest = moving.one("command:remote:Command", "homeport-chat-ready-b")
    assert (told(rest)["FROM"], told(rest)["TO"]) == ("us-west1-b", "us-west1-c")
    assert rest.urn in moving.one("gcp:compute:Snapshot").depends_on
    # It is the machine of before that comes to rest, so it must not wait for the new one.
    assert moving.one("gcp:compute:Instance").urn not in rest.depends_on
    assert "homeport-chat-data-c" not in moving.before(rest)


def test_the_rest_and_the_readiness_of_a_machine_are_one_resource(chat: Recording, moving: Recording) -> None:
    """So the settings of before bring a machine back that was put at rest."""
    ready, rest = (r.one("command:remote:Command", "homeport-chat-ready-b") for r in (chat, moving))
    assert ready.urn == rest.urn
    assert ready.text("stdin") != rest.text("stdin")
    assert rest.delete_before_replace


def test_the_machine_of_the_new_zone_has_the_moved_disk(moving: Recording) -> None:
    instance = moving.one("gcp:compute:Instance")
    assert instance.at("zone") == "us-west1-c"
    assert [disk["source"] for disk in instance.rows("attachedDisks")] == [self_link("homeport-chat-data-c")]
    assert instance.text("networkInterfaces", 0, "accessConfigs", 0, "natIp") == ADDRESS


def test_no_container_is_made_before_the_moved_disk_was_looked_at(moving: Recording) -> None:
    arrival = moving.one("command:remote:Command", "homeport-chat-moved-b-c")
    on_it = [one for one in moving.resources if one.type.startswith("docker:")]
    assert on_it
    assert [one.name for one in on_it if arrival.name not in moving.before(one)] == []
    assert "homeport-chat-ready-c" in moving.before(arrival)
    assert told(arrival)["FROM"] == "us-west1-b"


def test_a_moved_disk_is_not_given_up_once_a_machine_has_run_with_it(moving: Recording) -> None:
    arrival = moving.one("command:remote:Command", "homeport-chat-moved-b-c")
    assert arrival.protect
    assert "homeport-chat-data-c" in moving.before(arrival)


def test_the_daily_snapshots_are_of_the_moved_disk(moving: Recording) -> None:
    attachment = moving.one("gcp:compute:DiskResourcePolicyAttachment")
    assert (attachment.at("disk"), attachment.at("zone")) == (real_name("homeport-chat-data-c"), "us-west1-c")


def test_without_a_move_there_is_one_disk_and_no_snapshot(chat: Recording) -> None:
    assert chat.names("gcp:compute:Disk") == ["homeport-chat-data-b"]
    assert chat.names("gcp:compute:Snapshot") == []
