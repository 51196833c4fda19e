"""Settings that are valid each for itself and wrong together."""

from __future__ import annotations

import pytest

from stacks.mistakes import Mistake
from tests.unit.stacks.configuration import MAIL, Value, chat, local

ZONE = "a name inside one of homeport:dns.zones, example.com; its record cannot be created elsewhere"


def test_two_apps_with_one_host_name_are_refused() -> None:
    configuration = chat().add_app(name="second").set("homeport:host.machineType", "e2-small")
    assert configuration.mistake() == Mistake(
        "homeport:apps[1].hostname",
        '"chat.example.com", as in homeport:apps[0]',
        "a hostname that no other app of the stack has",
    )


def test_two_apps_with_one_name_are_refused() -> None:
    configuration = chat().add_app(hostname="b.example.com").set("homeport:host.machineType", "e2-small")
    assert configuration.mistake() == Mistake(
        "homeport:apps[1].name",
        '"mattermost", as in homeport:apps[0]',
        "a name that no other app of the stack has",
    )


def test_two_apps_with_names_of_their_own_are_accepted() -> None:
    configuration = chat().add_app(name="second", hostname="b.example.com")
    settings = configuration.set("homeport:host.machineType", "e2-small").load()
    assert [app.name for app in settings.apps] == ["mattermost", "second"]


def test_two_apps_whose_names_make_one_volume_name_are_refused() -> None:
    configuration = chat().set("homeport:apps[0].name", "team").set("homeport:host.machineType", "e2-small")
    assert configuration.add_app(name="team-client", hostname="b.example.com").mistake() == Mistake(
        "homeport:apps[1].name",
        '"team-client", whose team-client-plugins homeport:apps[0] has too',
        "a name that makes no such pair",
    )


@pytest.mark.parametrize("name", ["address", "ssh", "backup", "estimate", "readme"])
def test_an_app_named_like_an_output_of_the_stack_is_refused(name: str) -> None:
    assert chat().set("homeport:apps[0].name", name).mistake() == Mistake(
        "homeport:apps[0].name",
        f'"{name}"',
        "another name: address, ssh, backup, estimate, readme are outputs of the stack",
    )


@pytest.mark.parametrize("hostname", ["chat.example.org", "badexample.com", "example.com.example.org"])
def test_a_host_name_outside_the_zone_is_refused(hostname: str) -> None:
    mistake = chat().set("homeport:apps[0].hostname", hostname).mistake()
    assert mistake == Mistake("homeport:apps[0].hostname", f'"{hostname}"', ZONE)


@pytest.mark.parametrize("hostname", ["example.com", "chat.example.com", "chat.eu.example.com"])
def test_the_zones_own_name_and_every_name_below_it_are_inside(hostname: str) -> None:
    settings = chat().set("homeport:apps[0].hostname", hostname).load()
    assert [app.hostname for app in settings.app_settings] == [hostname]


def test_records_created_elsewhere_may_have_any_name() -> None:
    configuration = chat().set("homeport:dns", {"kind": "none"})
    settings = configuration.set("homeport:apps[0].hostname", "chat.example.org").load()
    assert [app.hostname for app in settings.app_settings] == ["chat.example.org"]


def test_plain_http_on_a_public_machine_is_refused() -> None:
    assert chat().set("homeport:edge.certificate", {"kind": "none"}).mistake() == Mistake(
        "homeport:edge.certificate.kind",
        '"none"',
        "acme on a machine in the internet: without TLS every password is readable on the way",
    )


def test_certificates_for_this_computer_are_refused() -> None:
    certificate: Value = {"kind": "acme", "email": "admin@example.com"}
    assert local().set("homeport:edge.certificate", certificate).mistake() == Mistake(
        "homeport:edge.certificate.kind",
        '"acme"',
        "none with host.kind local: no certificate authority can reach this computer to validate it",
    )


def test_a_zone_for_this_computer_is_refused() -> None:
    dns: Value = {"kind": "route53", "zones": [{"name": "example.com"}]}
    configuration = local().set("homeport:dns", dns).set("homeport:apps[0].hostname", "chat.example.com")
    assert configuration.mistake() == Mistake(
        "homeport:dns.kind",
        '"route53"',
        "none with host.kind local: there is no public address that a record could point to",
    )


def test_mail_over_port_25_is_refused_on_google_cloud() -> None:
    configuration = chat().set("homeport:mail", {**MAIL, "port": 25}).secret("mailPassword")
    assert configuration.mistake() == Mistake(
        "homeport:mail.port", "25", "587, 465 or 2525: Google Cloud blocks outgoing connections to 25"
    )


def test_mail_over_port_25_is_accepted_on_this_computer() -> None:
    settings = local().set("homeport:mail", {**MAIL, "port": 25}).secret("mailPassword").load()
    assert settings.mail is not None
    assert settings.mail.port == 25


@pytest.mark.parametrize("port", [22, 80, 443])
def test_a_port_of_the_edge_or_ssh_is_refused(port: int) -> None:
    assert chat().set("homeport:host.ports", [{"port": port}]).mistake() == Mistake(
        "homeport:host.ports[0]", f"{port}/tcp", "a port that the edge or SSH does not use"
    )


def test_a_port_opened_twice_is_refused() -> None:
    assert chat().set("homeport:host.ports", [{"port": 9090}, {"port": 9090}]).mistake() == Mistake(
        "homeport:host.ports[1]", "9090/tcp", "a port that homeport:host.ports[0] does not use"
    )


def test_one_port_may_be_opened_for_both_protocols() -> None:
    ports: Value = [{"port": 9090}, {"port": 9090, "protocol": "udp"}]
    assert chat().set("homeport:host.ports", ports).load().host != chat().load().host


def test_a_port_that_an_app_opens_by_itself_is_refused() -> None:
    configuration = chat().set("homeport:host.ports", [{"port": 8443}])
    assert configuration.set("homeport:apps[0].callsPort", 8443).mistake() == Mistake(
        "homeport:apps[0]",
        "8443/tcp (published by the app)",
        "a port that homeport:host.ports[0] does not use",
    )


def test_two_apps_with_one_calls_port_are_refused_for_both_protocols() -> None:
    configuration = chat().set("homeport:apps[0].callsPort", 8443)
    configuration.add_app(name="second", hostname="b.example.com")
    mistakes = configuration.set("homeport:host.machineType", "e2-small").mistakes()
    assert [(mistake.path, mistake.found) for mistake in mistakes] == [
        ("homeport:apps[1]", "8443/tcp (published by the app)"),
        ("homeport:apps[1]", "8443/udp (published by the app)"),
    ]


def test_the_port_of_the_plain_edge_is_refused_on_this_computer() -> None:
    assert local().set("homeport:apps[0].callsPort", 8080).mistake() == Mistake(
        "homeport:apps[0]", "8080/tcp (published by the app)", "a port that the edge does not use"
    )


def test_the_ports_of_a_public_edge_are_free_on_this_computer() -> None:
    (app,) = local().set("homeport:apps[0].callsPort", 443).load().apps
    assert [port.port for port in app.published_ports] == [443, 443]


def test_a_machine_too_small_for_the_apps_is_refused_with_the_sum() -> None:
    assert chat().set("homeport:host.swap", 0).mistake() == Mistake(
        "homeport:host.machineType",
        '"e2-micro", too small for the apps: nginx 128 + docker-gen 32 + acme-companion 96'
        " + mattermost/postgres 192 + mattermost/mattermost 512 = 960 MiB;"
        " with a second mattermost/mattermost during an update = 1472 MiB;"
        " available are 1024 RAM + 0 swap - 192 for the system = 832 MiB",
        "a larger machine, more host.swap, or less memory for the apps",
    )


def test_a_machine_too_small_for_two_of_an_app_is_told_that_one_can_be_stopped_first() -> None:
    small = chat().set("homeport:host.swap", 512)
    mistake = small.mistake()
    assert mistake.allowed == (
        "rollout: recreate for an app, whose updates then stop it first; or a larger machine, more host.swap,"
        " or less memory for the apps"
    )
    assert len(small.set("homeport:apps[0].rollout", "recreate").load().apps) == 1


def test_the_smallest_machine_with_both_apps_is_refused_unless_they_are_made_small() -> None:
    mastodon: dict[str, Value] = {
        "kind": "mastodon",
        "hostname": "social.example.com",
        "version": "4.7.4",
        "owner": {"username": "ada", "email": "ada@example.com"},
    }
    app: dict[str, Value] = {
        "kind": "mattermost",
        "hostname": "chat.example.com",
        "version": "11.7.0",
        "administrator": {"email": "ada@example.com"},
    }
    both = chat().set("homeport:apps", [app, mastodon])
    assert both.mistake().found.startswith('"e2-micro", too small for the apps')
    assert len(both.set("homeport:apps[1].profile", "micro").load().apps) == 2


def test_too_little_memory_of_this_computer_is_told_at_its_own_key() -> None:
    mistake = local().set("homeport:host.memory", 1000).mistake()
    assert mistake.path == "homeport:host.memory"
    assert mistake.found.startswith("1000, too small for the apps: nginx 126 + ")


def test_memory_is_not_counted_while_an_app_has_mistakes() -> None:
    configuration = chat().set("homeport:host.swap", 0).set("homeport:apps[0].version", "latest")
    assert configuration.mistake().path == "homeport:apps[0].version"


def test_what_is_wrong_together_is_told_beside_what_is_wrong_alone() -> None:
    configuration = chat().set("homeport:host.swap", -1).set("homeport:apps[0].hostname", "chat.example.org")
    assert [mistake.path for mistake in configuration.mistakes()] == [
        "homeport:host.swap",
        "homeport:apps[0].hostname",
    ]


@pytest.mark.parametrize(
    "server", ["production", "staging", "https://acme-v02.api.letsencrypt.org/directory"]
)
@pytest.mark.parametrize(
    "domain", ["example.com", "example.org", "mail.example.net", "homeport.test", "ours.local"]
)
def test_an_account_of_lets_encrypt_at_a_domain_that_nobody_has_is_refused(server: str, domain: str) -> None:
    certificate: Value = {"kind": "acme", "email": f"ada@{domain}", "server": server}
    assert chat().set("homeport:edge.certificate", certificate).mistake() == Mistake(
        "homeport:edge.certificate.email",
        f'"ada@{domain}"',
        "an address of your own, or nothing: Let's Encrypt makes no account, and so no certificate, for one"
        f" at {domain}, where nobody has a mailbox",
    )


@pytest.mark.parametrize(
    "certificate",
    [
        {"kind": "acme"},
        {"kind": "acme", "email": "ada@lovelace.org"},
        {"kind": "acme", "email": "ada@homeport.test", "server": "https://acme.homeport.test:14000/dir"},
    ],
)
def test_an_account_may_be_without_an_address_or_at_ones_own_authority(certificate: dict[str, Value]) -> None:
    assert chat().set("homeport:edge.certificate", certificate).load().edge.certificate.kind == "acme"
