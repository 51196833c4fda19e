from __future__ import annotations

import base64

import pytest

from tests.unit.deployment.environment import environment
from tests.unit.deployment.mattermost import BUILT, database, server
from tests.unit.deployment.providers import generated, image_id, real_name, resource_id
from tests.unit.deployment.recorder import CHATS, Changes, deployed
from tests.unit.deployment.recording import Recording, Resource
from tests.unit.deployment.script import told
from tests.unit.deployment.test_zone import second_app
from tests.unit.deployment.value import Secret, Value


@pytest.fixture
def chat() -> Recording:
    return deployed("chat")


def command(recording: Recording, name: str) -> Resource:
    return recording.one("command:remote:Command", f"mattermost-{name}")


def aliases(container: Resource) -> dict[str, Value]:
    return {str(network["name"]): network["aliases"] for network in container.rows("networksAdvanced")}


@pytest.mark.parametrize("stack", CHATS)
def test_all_that_an_app_needs_is_inside_it(stack: str) -> None:
    recording = deployed(stack)
    app = recording.one("homeport:app:DockerApp")
    named = [r for r in recording.resources if r.name.startswith(("mattermost-", "back-"))]
    outside = [r.name for r in named if r.parent != app.urn]
    assert len(named) > 10
    assert outside == ([] if stack == "local" else ["mattermost-resolution"])


def test_the_back_network_is_cut_off_from_everything_else(chat: Recording) -> None:
    assert chat.one("docker:Network", "back-mattermost").at("internal") is True
    assert "internal" not in chat.one("docker:Network", "front").inputs


def test_the_database_is_on_the_back_network_alone(chat: Recording) -> None:
    assert aliases(database(chat)) == {real_name("back-mattermost"): ["postgres-17"]}
    assert database(chat).rows("ports") == []


def test_a_service_with_a_route_is_on_the_front_network_too(chat: Recording) -> None:
    assert aliases(server(chat)) == {
        real_name("back-mattermost"): ["mattermost"],
        real_name("front"): ["mattermost-mattermost"],
    }


def test_two_apps_share_neither_networks_nor_volumes_nor_passwords() -> None:
    recording = deployed("chat", second_app())
    backs = {real_name("back-chat"), real_name("back-team")}
    for name in ("chat", "team"):
        containers = [c for c in recording.all("docker:Container") if c.name.startswith(f"{name}-")]
        assert len(containers) == 2
        for container in containers:
            assert aliases(container).keys() & backs == {real_name(f"back-{name}")}
            volumes = [str(m["volumeName"]) for m in container.rows("volumes") if "volumeName" in m]
            assert [volume for volume in volumes if not volume.startswith(f"chat-{name}-")] == []
        postgres = recording.one("docker:Container", f"{name}-postgres-17")
        password = generated(f"{name}-database-password")
        assert environment(postgres)["POSTGRES_PASSWORD"] == Secret(password)


def test_the_database_keeps_its_name_whatever_changes(chat: Recording) -> None:
    other = deployed("chat", {"homeport:apps[0].postgres.memory": 256})
    assert database(other).name == database(chat).name
    assert database(other).at("memory") != database(chat).at("memory")


@pytest.mark.parametrize(
    "changes",
    [
        {"homeport:apps[0].version": "11.8.0"},
        {"homeport:apps[0].memory": 400},
        {"homeport:apps[0].environment": {"MM_TEAMSETTINGS_SITENAME": "Chat"}},
        {"homeport:edge.certificate.email": "ada@lovelace.org"},
    ],
    ids=["image", "memory", "environment", "what the proxy is told"],
)
def test_a_changed_server_is_another_container_beside_the_old_one(chat: Recording, changes: Changes) -> None:
    old, new = server(chat), server(deployed("chat", changes))
    assert new.name != old.name
    assert new.name.startswith("mattermost-mattermost-")


def test_what_does_not_concern_the_server_leaves_it_alone(chat: Recording) -> None:
    other = deployed("chat", {"homeport:host.machineType": "e2-medium", "homeport:edge.hsts": 0})
    assert server(other).name == server(chat).name


def test_containers_say_which_app_and_service_they_are(chat: Recording) -> None:
    for container, service in ((server(chat), "mattermost"), (database(chat), "postgres")):
        labels = {row["label"]: row["value"] for row in container.rows("labels")}
        assert (labels["homeport.app"], labels["homeport.service"]) == ("mattermost", service)


def test_the_server_starts_after_its_database_the_edge_and_the_volumes_owners(chat: Recording) -> None:
    names = {"mattermost-postgres-17", "nginx", "docker-gen", "mattermost-ownership"}
    assert names | {"mattermost-virtual-host-chat.example.com"} <= chat.before(server(chat))


def test_the_database_starts_without_the_edge_and_the_servers_image(chat: Recording) -> None:
    before = chat.before(database(chat))
    assert "mattermost-identity" in before
    images = {"docker-gen", "mattermost-mattermost-team-edition"}
    assert not before & {*images, "mattermost-virtual-host-chat.example.com", "mattermost-ownership"}


def test_nothing_but_the_answer_over_https_waits_for_acme_companion(chat: Recording) -> None:
    assert "acme-companion" not in chat.before(server(chat))
    assert "acme-companion" in chat.before(command(chat, "https"))


def test_server_and_database_know_the_same_password_and_it_is_secret(chat: Recording) -> None:
    password = generated("mattermost-database-password")
    assert environment(database(chat))["POSTGRES_PASSWORD"] == Secret(password)
    assert environment(server(chat))["MM_SQLSETTINGS_DATASOURCE"] == Secret(
        f"postgres://mattermost:{password}@postgres-17:5432/mattermost?sslmode=disable"
    )


def test_what_is_no_secret_stays_readable_in_previews(chat: Recording) -> None:
    assert environment(server(chat))["MM_SERVICESETTINGS_SITEURL"] == "https://chat.example.com"
    assert environment(database(chat))["POSTGRES_USER"] == "mattermost"


def test_the_proxy_reads_host_name_and_port_from_the_server(chat: Recording) -> None:
    found = environment(server(chat))
    assert (found["VIRTUAL_HOST"], found["VIRTUAL_PORT"]) == ("chat.example.com", "8065")
    assert (found["ACME_HOST"], "ACME_EMAIL" in found) == ("chat.example.com", False)
    assert "VIRTUAL_HOST" not in environment(database(chat))


def test_without_certificates_none_is_asked_for() -> None:
    names = environment(server(deployed("local")))
    assert "VIRTUAL_HOST" in names
    assert [name for name in names if name.startswith("ACME_")] == []


def test_data_is_mounted_from_the_apps_own_volumes(chat: Recording) -> None:
    mounts = {row["containerPath"]: row.get("volumeName") for row in server(chat).rows("volumes")}
    assert mounts["/mattermost/data"] == "chat-mattermost-data"
    assert mounts["/mattermost/client/plugins"] == "chat-mattermost-client-plugins"
    assert database(chat).rows("volumes") == [
        {
            "volumeName": "chat-mattermost-postgres-17",
            "containerPath": "/var/lib/postgresql/data",
            "readOnly": False,
        }
    ]


def test_another_major_version_of_the_database_gets_another_volume() -> None:
    recording = deployed("chat", {"homeport:apps[0].postgres.version": "18.6"})
    (mount,) = database(recording).rows("volumes")
    assert mount["volumeName"] == "chat-mattermost-postgres-18"
    assert recording.one("docker:Volume", "mattermost-postgres-18").retain_on_delete


@pytest.mark.parametrize(("changes", "owner"), [({}, "2000:2000"), (BUILT, "3000:3000")])
def test_volumes_belong_to_the_user_that_the_server_runs_as(changes: Changes, owner: str) -> None:
    recording = deployed("chat", changes)
    script = told(command(recording, "ownership"))
    assert script["IMAGE"] == image_id("nginx")
    image = server(recording).inputs["image"]
    assert script["VOLUMES"].splitlines() == [
        f"{owner} /mattermost/{folder} chat-mattermost-{folder.replace('/', '-')} {image}"
        for folder in ("config", "data", "logs", "plugins", "client/plugins")
    ]


def test_nginx_knows_the_upload_limit_before_the_server_is_there(chat: Recording) -> None:
    recording = deployed("chat", {"homeport:apps[0].uploadLimit": 250})
    script = told(command(recording, "virtual-host-chat.example.com"))
    files = dict(line.split(" ") for line in script["FILES"].splitlines())
    assert b"client_max_body_size 250m;\n" in base64.b64decode(files["chat.example.com"])
    assert b"proxy_read_timeout 600s;\n" in base64.b64decode(files["chat.example.com_location"])
    assert script["VHOSTS"] == real_name("edge-vhost")
    assert environment(server(recording))["MM_FILESETTINGS_MAXFILESIZE"] == str(250 * 1024 * 1024)
    assert "mattermost-virtual-host-chat.example.com" in recording.before(server(recording))


def test_the_administrator_is_made_in_the_running_server_and_only_once(chat: Recording) -> None:
    job = command(chat, "administrator")
    assert server(chat).urn in job.depends_on
    assert set(job.ignore_changes) == {"stdin", "create"}
    script = told(job)
    assert (script["APP"], script["SERVICE"]) == ("mattermost", "mattermost")
    password = generated("mattermost-administrator-password")
    assert script["COMMAND"].split()[-2:] == ["--password", password]


def test_an_update_is_done_when_the_app_answers_over_https(chat: Recording) -> None:
    wait = command(chat, "https")
    labels = {row["label"]: row["value"] for row in server(chat).rows("labels")}
    assert told(wait) == {
        "APP": "mattermost",
        "NAMES": "chat.example.com",
        "REDIRECTED": "",
        "DEPLOYMENT": labels["homeport.deployment"],
        "WAIT": "300",
        "AUTHORITY": "https://acme-staging-v02.api.letsencrypt.org/directory",
        "TRUSTED": "0",
        "PAGE": "/",
        "STATUS": "",
    }
    assert {server(chat).urn, command(chat, "administrator").urn} <= wait.depends_on


def test_another_machine_or_container_has_to_answer_again(chat: Recording) -> None:
    assert command(chat, "https").at("triggers") == ["4711/e2-micro", resource_id(server(chat).name)]


def test_certificates_of_the_real_authority_must_be_trusted_by_the_machine() -> None:
    recording = deployed("chat", {"homeport:edge.certificate.server": "production"})
    assert told(command(recording, "https"))["TRUSTED"] == "1"


def test_without_certificates_no_answer_over_https_is_waited_for() -> None:
    assert "mattermost-https" not in deployed("local").names("command:local:Command")
