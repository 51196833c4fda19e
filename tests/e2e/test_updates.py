"""Changes of the settings, and what they touch."""

from __future__ import annotations

import copy

import pytest
from pulumi.automation import CommandError

from sandbox.engine import homeport
from tests.e2e.chat import Chat
from tests.e2e.deployed import Deployed, changed

SHIPPED = homeport("sandbox").config


def host(**changes: object) -> dict[str, object]:
    """The stack's host settings with some of them changed."""
    settings = copy.deepcopy(SHIPPED["homeport:host"])
    assert isinstance(settings, dict)
    return {"homeport:host": {**settings, **changes}}


def app(**changes: object) -> dict[str, object]:
    """The stack's only app with some of its settings changed."""
    apps = copy.deepcopy(SHIPPED["homeport:apps"])
    assert isinstance(apps, list)
    return {"homeport:apps": [{**apps[0], **changes}]}


def swap_file(deployed: Deployed) -> list[str]:
    """Size in bytes and mode of the machine's swap file."""
    return deployed.on_machine("stat", "-c", "%s %a", "/var/swap/swapfile").output.split()


def test_an_update_without_changes_does_nothing(deployed: Deployed) -> None:
    assert changed(deployed.up()) == {}


def test_a_refresh_finds_no_drift_and_leaves_nothing_to_do(deployed: Deployed) -> None:
    refreshed = deployed.engine.refresh()
    assert {k for k, v in (refreshed.summary.resource_changes or {}).items() if v} == {"same"}
    assert changed(deployed.up()) == {}


def test_the_machine_has_the_memory_of_its_type(deployed: Deployed) -> None:
    machine = deployed.box.client.containers.get(deployed.machine)
    assert machine.attrs["HostConfig"]["Memory"] == 1024 * 1024 * 1024


def test_swap_of_the_configured_size_is_on(deployed: Deployed) -> None:
    assert deployed.on_machine("stat", "-c", "%s %a", "/var/swap/swapfile").output.split() == [
        "2147483648",
        "600",
    ]
    # /proc/swaps has the files of all machines of this computer under the same name.
    assert "busy" in deployed.on_machine("swapon", "/var/swap/swapfile").output


def test_a_changed_swap_size_is_put_in_force_on_the_running_machine(deployed: Deployed) -> None:
    before = deployed.machine
    containers = deployed.docker("ps", "--quiet", "--no-trunc")
    deployed.up(host(swap=1536))
    assert deployed.on_machine("stat", "-c", "%s", "/var/swap/swapfile").output.strip() == str(
        1536 * 1024 * 1024
    )
    assert deployed.on_machine("grep", "-c", "swapfile", "/etc/fstab").output.strip() == "1"
    assert deployed.machine == before
    assert deployed.docker("ps", "--quiet", "--no-trunc") == containers


def test_a_failing_bootstrap_fails_the_update_with_its_step_and_output(deployed: Deployed) -> None:
    path = "/etc/apt/apt.conf.d/20auto-upgrades"
    deployed.on_machine("sh", "-c", f"echo changed >{path}; mkdir {path}.homeport")
    with pytest.raises(CommandError) as caught:
        deployed.up(host(swap=1024))
    said = str(caught.value)
    assert "The bootstrap failed in step 'updates' (exit status 1)" in said
    assert "cannot overwrite non-directory" in said

    deployed.on_machine("rm", "-r", f"{path}.homeport")
    deployed.up()
    assert swap_file(deployed) == ["2147483648", "600"]


def test_a_firewall_change_touches_nothing_but_the_rule(deployed: Deployed) -> None:
    result = deployed.up(host(ports=[{"port": 9091}]))
    # The rule for 9090 goes, the one for 9091 comes, and the machine's tags follow.
    assert changed(result) == {"create": 1, "delete": 1, "update": 1}


def test_a_changed_variable_replaces_the_app_and_keeps_its_data(deployed: Deployed, chat: Chat) -> None:
    chat.post("before the change")
    old, database = deployed.container("mattermost"), deployed.container("postgres")
    deployed.up(app(environment={"MM_SERVICESETTINGS_THREADAUTOFOLLOW": "true"}))
    assert deployed.container("mattermost") != old
    assert deployed.container("postgres") == database
    variables = deployed.docker("inspect", "--format", "{{.Config.Env}}", deployed.container("mattermost"))
    assert "MM_SERVICESETTINGS_THREADAUTOFOLLOW=true" in variables
    assert "before the change" in chat.messages()


def test_the_administrator_is_created_exactly_once(deployed: Deployed, chat: Chat) -> None:
    server = deployed.container("mattermost")
    listed = deployed.docker("exec", server, "/mattermost/bin/mmctl", "--local", "user", "list")
    assert listed.count("admin") >= 1
    assert chat.client.get("/api/v4/users/me").json()["username"] == "admin"


def test_a_version_that_does_not_exist_fails_and_the_old_one_keeps_serving(deployed: Deployed) -> None:
    running = deployed.container("mattermost")
    with pytest.raises(Exception, match=r"11\.99\.0"):
        deployed.up(app(version="11.99.0"))
    assert deployed.container("mattermost") == running
    assert deployed.https("/api/v4/system/ping").status == 200


def test_the_image_can_be_built_with_another_user(deployed: Deployed, chat: Chat) -> None:
    chat.post("before the change of user")
    deployed.up(app(image={"build": {"uid": 2001}}))
    server = deployed.container("mattermost")
    assert deployed.docker("inspect", "--format", "{{.Config.User}}", server) == "2001:2001"
    assert chat.upload(b"by another user").status_code == 201
    assert "before the change of user" in chat.messages()
