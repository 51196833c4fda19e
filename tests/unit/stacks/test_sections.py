"""Sections that are missing, of the wrong type, or hold keys that nothing reads."""

from __future__ import annotations

import pytest

from components.host.settings import LocalSettings
from stacks.mistakes import Mistake
from tests.unit.stacks.configuration import Configuration, Value, chat, local

OBJECT = "an object: keys, each with its value"
HOST_KEYS = (
    "one of kind, region, zone, movedFrom, machineType, image, bootDisk, dataDisk, diskType, snapshots, swap,"
    " docker, enableApis, ssh, ports"
)


@pytest.mark.parametrize("section", ["host", "dns", "edge"])
def test_a_missing_section_is_told(section: str) -> None:
    key = f"homeport:{section}"
    assert chat().remove(key).mistake() == Mistake(key, "nothing", "this section: it is required")


@pytest.mark.parametrize("section", ["host", "dns", "edge"])
def test_a_section_that_is_null_is_as_good_as_missing(section: str) -> None:
    key = f"homeport:{section}"
    assert chat().set(key, None).mistake() == Mistake(key, "nothing", "this section: it is required")


def test_an_empty_file_is_told_what_every_stack_needs() -> None:
    assert Configuration("chat", {}).mistakes() == (
        Mistake("homeport:host", "nothing", "this section: it is required"),
        Mistake("homeport:edge", "nothing", "this section: it is required"),
        Mistake("homeport:apps", "nothing", "a list of one app or more"),
    )


@pytest.mark.parametrize("section", ["host", "dns", "edge", "mail"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a machine, please", '"a machine, please"'),
        ("{kind: gce", '"{kind: gce"'),
        ('{"swap": 9', '"{\\"swap\\": 9"'),
        ("", '""'),
        ("5", "5"),
        ("true", "true"),
        ('["gce"]', '["gce"]'),
        ("[" * 100_000, f'"{"[" * 96}...'),
    ],
    ids=["words", "yaml", "cut off", "empty", "number", "boolean", "list", "deep"],
)
def test_text_where_a_section_belongs_is_refused(section: str, text: str, found: str) -> None:
    key = f"homeport:{section}"
    assert Mistake(key, found, OBJECT) in chat().text(key, text).mistakes()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("null", "nothing"),
        ("[]", "[]"),
        ("{}", "{}"),
        ('{"kind": "mattermost"}', '{"kind": "mattermost"}'),
        ("mattermost", '"mattermost"'),
        ("1", "1"),
    ],
)
def test_apps_that_are_no_list_with_an_app_are_refused(text: str, found: str) -> None:
    mistake = chat().text("homeport:apps", text).mistake()
    assert mistake == Mistake("homeport:apps", found, "a list of one app or more")


def test_missing_apps_are_told() -> None:
    mistake = chat().remove("homeport:apps").mistake()
    assert mistake == Mistake("homeport:apps", "nothing", "a list of one app or more")


def test_an_unknown_section_is_told_with_the_one_that_was_meant() -> None:
    assert chat().text("homeport:app", "[]").mistake() == Mistake(
        "homeport:app",
        'the key "app"',
        "one of host, dns, edge, mail, apps, backup, monitoring, metrics, logs; did you mean apps?",
    )


def test_an_unknown_section_like_no_other_is_told_without_a_guess() -> None:
    assert chat().text("homeport:zzz", "{}").mistake() == Mistake(
        "homeport:zzz",
        'the key "zzz"',
        "one of host, dns, edge, mail, apps, backup, monitoring, metrics, logs",
    )


def test_keys_of_other_projects_and_providers_are_left_alone() -> None:
    configuration = chat().text("gcp:region", "us-west1").text("other:app", "[]")
    assert configuration.load() == chat().load()


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("homeport:host.machinetype", f"{HOST_KEYS}; did you mean machineType?"),
        ("homeport:host.machine_type", f"{HOST_KEYS}; did you mean machineType?"),
        ("homeport:host.colour", HOST_KEYS),
        (
            "homeport:host.ssh.allowfrom",
            "one of allowFrom, user, authorizedKeys, directory; did you mean allowFrom?",
        ),
        ("homeport:dns.zone", "one of wait, caa, kind, zones; did you mean zones?"),
        ("homeport:edge.http", "one of certificate, hsts, nginx, nginxProxy, acmeCompanion"),
        (
            "homeport:edge.certificate.ca",
            "one of kind, email, server, lifetime, caBundle, caa, wait; did you mean caa?",
        ),
        (
            "homeport:apps[0].administrator.mail",
            "one of username, email; did you mean email?",
        ),
    ],
)
def test_an_unknown_key_inside_is_told_with_the_known_ones(path: str, allowed: str) -> None:
    key = path.rsplit(".", 1)[1]
    assert chat().set(path, "x").mistake() == Mistake(path, f'the key "{key}"', allowed)


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        ("homeport:apps[0].image", {"build": {"user": 1}}, "one of uid"),
        ("homeport:apps[0].storage", {"kind": "local", "bucket": "b"}, "one of kind"),
        (
            "homeport:host.ports",
            [{"port": 1, "from": 1}],
            "one of port, protocol, allowFrom",
        ),
    ],
)
def test_an_unknown_key_is_found_however_deep_it_is(path: str, value: Value, allowed: str) -> None:
    inner = {
        "homeport:apps[0].image": ".build.user",
        "homeport:apps[0].storage": ".bucket",
        "homeport:host.ports": "[0].from",
    }
    mistake = chat().set(path, value).mistake()
    assert (mistake.path, mistake.allowed) == (f"{path}{inner[path]}", allowed)


def test_a_key_named_like_the_kind_around_it_is_told_at_its_own_place() -> None:
    assert chat().set("homeport:host.gce", 1).mistake() == Mistake(
        "homeport:host.gce", 'the key "gce"', HOST_KEYS
    )


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("homeport:host", "one of gce, local"),
        ("homeport:dns", "one of clouddns, route53, none"),
        ("homeport:edge.certificate", "one of acme, none"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("azure", '"azure"'),
        ("GCE", '"GCE"'),
        (None, "null"),
        (3, "3"),
        (True, "true"),
        (["gce"], '["gce"]'),
        ({"gce": 1}, '{"gce": 1}'),
    ],
)
def test_an_unknown_kind_is_told_with_the_known_ones(path: str, kinds: str, kind: Value, found: str) -> None:
    mistakes = chat().set(f"{path}.kind", kind).mistakes()
    assert Mistake(f"{path}.kind", found, kinds) in mistakes


@pytest.mark.parametrize("path", ["homeport:host", "homeport:dns", "homeport:edge.certificate"])
def test_a_missing_kind_is_told(path: str) -> None:
    mistakes = chat().remove(f"{path}.kind").mistakes()
    assert Mistake(f"{path}.kind", "nothing", "a kind: it is required") in mistakes


def test_a_missing_google_project_is_told() -> None:
    assert chat().remove("gcp:project").mistake() == Mistake(
        "gcp:project", "nothing", "your project's id: pulumi config set gcp:project <id>"
    )


@pytest.mark.parametrize("project", ["My Project", "123456789012", "chat", "null", "p" * 31])
def test_a_google_project_that_is_no_id_is_refused(project: str) -> None:
    assert chat().set("gcp:project", project).mistake() == Mistake(
        "gcp:project", f'"{project}"', "your project's id: pulumi config set gcp:project <id>"
    )


def test_a_google_project_with_a_domain_is_accepted() -> None:
    assert chat().set("gcp:project", "example.com:homeport").load() == chat().load()


def test_this_computer_needs_no_google_project() -> None:
    assert "gcp:project" not in local().config
    assert isinstance(local().load().host, LocalSettings)
