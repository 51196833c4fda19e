"""What is refused about an app, the mail relay and the edge."""

from __future__ import annotations

import json

import pytest

from stacks.mistakes import Mistake
from tests.unit.stacks.configuration import MAIL, S3, Value, chat

APP = "homeport:apps[0]"
OBJECT = "an object: keys, each with its value"
HOST_NAME = (
    "a host name in lower case such as chat.example.com, without scheme, port or final dot (RFC 1123);"
    " certificates are issued for exactly this name"
)
FULL_VERSION = (
    "a full version such as 11.7.0. A rolling tag like latest changes under you: it has downgraded"
    " installations, and an upgrade must be something you decide"
)
QUOTED = "text: put it in quotes"


@pytest.mark.parametrize("entry", ["mattermost", None, 5, True, ["mattermost"], []])
def test_an_app_that_is_no_object_is_refused(entry: Value) -> None:
    assert chat().set(APP, entry).mistake() == Mistake(APP, json.dumps(entry), OBJECT)


@pytest.mark.parametrize("kind", ["nextcloud", "Mattermost", "", None, 3, True, ["mattermost"], {"is": "it"}])
def test_an_unknown_kind_of_app_is_told_with_the_known_ones(kind: Value) -> None:
    mistake = chat().set(f"{APP}.kind", kind).mistake()
    assert mistake == Mistake(f"{APP}.kind", json.dumps(kind), "one of mattermost, mastodon, web")


@pytest.mark.parametrize(
    ("hostname", "meant"),
    [
        ("Chat.Example.com", "here that is chat.example.com"),
        ("https://chat.example.com/login", "here that is chat.example.com"),
        ("chat.example.com:443", "here that is chat.example.com"),
        ("chat.example.com.", "here that is chat.example.com"),
        (
            "b\u00fccher.example",
            "letters beyond ASCII are written in their xn-- form (RFC 5891), here xn--bcher-kva.example",
        ),
        (
            "Stra\u00dfe.example",
            "letters beyond ASCII are written in their xn-- form (RFC 5891), here xn--strae-oqa.example",
        ),
    ],
)
def test_what_was_meant_by_a_host_name_is_told(hostname: str, meant: str) -> None:
    assert chat().set(f"{APP}.hostname", hostname).mistake().allowed == f"{HOST_NAME}; {meant}"


def long_name(length: int) -> str:
    """A host name of so many characters."""
    labels = ".".join(["a" * 60] * 4)[: length - len(".example.com")]
    return f"{labels.rstrip('.').ljust(length - len('.example.com'), 'b')}.example.com"


@pytest.mark.parametrize("length", [63, 64])
def test_a_host_name_may_be_as_long_as_a_common_name(length: int) -> None:
    hostname = long_name(length)
    assert chat().set(f"{APP}.hostname", hostname).load().apps[0].hostnames == (hostname,)


@pytest.mark.parametrize("length", [65, 112, 200])
def test_a_host_name_longer_than_a_common_name_is_refused(length: int) -> None:
    mistake = chat().set(f"{APP}.hostname", long_name(length)).mistake()
    assert (mistake.path, mistake.allowed) == (
        f"{APP}.hostname",
        f"a host name of 64 characters at most; this one has {length}. It becomes the common name of its"
        " certificate, which can be no longer (RFC 5280)",
    )


def test_a_missing_kind_of_app_is_told() -> None:
    assert chat().remove(f"{APP}.kind").mistake() == Mistake(
        f"{APP}.kind", "nothing", "a kind: it is required"
    )


@pytest.mark.parametrize("key", ["hostname", "version", "administrator", "administrator.email"])
def test_a_missing_key_of_an_app_is_told(key: str) -> None:
    mistake = chat().remove(f"{APP}.{key}").mistake()
    assert mistake == Mistake(f"{APP}.{key}", "nothing", "a value: it is required")


@pytest.mark.parametrize(
    "hostname",
    [
        "chat",
        "",
        "Chat.example.com",
        "CHAT.EXAMPLE.COM",
        "https://chat.example.com",
        "chat.example.com/",
        "chat.example.com:443",
        "chat.example.com.",
        ".example.com",
        "chat..example.com",
        "*.example.com",
        "my_chat.example.com",
        "-chat.example.com",
        "chat-.example.com",
        " chat.example.com",
        "chat.example.com\n",
        "chat.example.com other.example.com",
        "2001:db8::1",
        "chät.example.com",
        "чат.example.com",
        "\u0663.example.com",
        f"{'x' * 64}.example.com",
        ".".join(["x" * 60] * 5),
    ],
)
def test_a_host_name_that_is_no_name_is_refused(hostname: str) -> None:
    mistake = chat().set(f"{APP}.hostname", hostname).mistake()
    assert (mistake.path, mistake.allowed.split("; ")[:2]) == (f"{APP}.hostname", HOST_NAME.split("; "))
    assert mistake.found.startswith(json.dumps(hostname, ensure_ascii=False)[:97])


def test_an_address_as_the_host_name_is_refused() -> None:
    assert chat().set(f"{APP}.hostname", "203.0.113.7").mistake() == Mistake(
        f"{APP}.hostname", '"203.0.113.7"', "a host name, not an address: certificates are issued for names"
    )


def test_a_name_in_punycode_is_accepted() -> None:
    (app,) = chat().set(f"{APP}.hostname", "xn--cht-qla.example.com").load().app_settings
    assert app.hostname == "xn--cht-qla.example.com"


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        (None, "text"),
        (5, QUOTED),
        (True, QUOTED),
        (["chat.example.com"], "text"),
        ({"secure": "v1:AAAA"}, "text"),
    ],
)
def test_a_host_name_of_another_type_is_refused(value: Value, allowed: str) -> None:
    mistake = chat().set(f"{APP}.hostname", value).mistake()
    assert mistake == Mistake(f"{APP}.hostname", json.dumps(value), allowed)


@pytest.mark.parametrize(
    "version",
    [
        "latest",
        "11",
        "",
        "v11.7.0",
        "11.7.0-rc1",
        "11.7.0.1",
        "11.7.",
        "011.7.0",
        "11.7.0\n",
        "\u0661\u0661.7.0",
        f"{'9' * 5000}.0",
    ],
)
def test_a_version_that_is_not_full_is_refused(version: str) -> None:
    mistake = chat().set(f"{APP}.version", version).mistake()
    assert (mistake.path, mistake.allowed.split("; ")[0]) == (f"{APP}.version", FULL_VERSION)


@pytest.mark.parametrize("version", [11, 11.7, True])
def test_a_version_that_yaml_takes_for_a_number_has_to_be_put_in_quotes(version: Value) -> None:
    mistake = chat().set(f"{APP}.version", version).mistake()
    assert mistake == Mistake(f"{APP}.version", json.dumps(version), QUOTED)


def test_a_database_that_is_too_old_is_refused() -> None:
    assert chat().set(f"{APP}.postgres", {"version": "13.22"}).mistake() == Mistake(
        f"{APP}.postgres.version", '"13.22"', "PostgreSQL 14 or newer: the apps refuse anything older"
    )


def test_a_version_of_the_database_has_two_numbers() -> None:
    mistake = chat().set(f"{APP}.postgres", {"version": "17.10.1"}).mistake()
    assert mistake.allowed == "two numbers, such as 17.10: PostgreSQL's versions have no third since 10"


@pytest.mark.parametrize("name", ["Chat", "1chat", "my_chat", "chat-", "chat/../x", "", "c" * 31])
def test_an_app_name_that_is_no_label_is_refused(name: str) -> None:
    assert chat().set(f"{APP}.name", name).mistake() == Mistake(
        f"{APP}.name",
        json.dumps(name),
        "lower-case letters, digits and hyphens, first a letter, 30 characters at most",
    )


@pytest.mark.parametrize("email", ["admin", "admin@example", "@example.com", "admin @example.com", ""])
def test_an_e_mail_address_that_is_none_is_refused(email: str) -> None:
    assert chat().set(f"{APP}.administrator.email", email).mistake() == Mistake(
        f"{APP}.administrator.email", json.dumps(email), "an e-mail address such as admin@example.com"
    )


def test_an_account_name_that_mattermost_refuses_is_refused_with_an_example() -> None:
    mistake = chat().set(f"{APP}.administrator.username", "Ada Lovelace").mistake()
    assert (mistake.path, mistake.found) == (f"{APP}.administrator.username", '"Ada Lovelace"')
    assert mistake.allowed.startswith("text such as admin, matching ^")


def test_variables_that_are_not_mattermosts_are_refused_by_name() -> None:
    environment: Value = {"MM_LOGSETTINGS_CONSOLELEVEL": "DEBUG", "PATH": "/tmp", "mm_x": "y"}
    mistake = chat().set(f"{APP}.environment", environment).mistake()
    assert mistake.path == f"{APP}.environment"
    assert mistake.allowed == "variables that Mattermost reads, MM_ and capitals; not PATH, mm_x"


@pytest.mark.parametrize(
    ("value", "allowed"), [(5, QUOTED), (False, QUOTED), (None, "text"), (["a"], "text")]
)
def test_a_variable_that_is_no_text_is_told_by_its_own_place(value: Value, allowed: str) -> None:
    assert chat().set(f"{APP}.environment", {"MM_X": value}).mistake() == Mistake(
        f"{APP}.environment.MM_X", json.dumps(value), allowed
    )


def test_variables_as_a_list_are_refused() -> None:
    mistake = chat().set(f"{APP}.environment", ["MM_X=1"]).mistake()
    assert mistake == Mistake(f"{APP}.environment", '["MM_X=1"]', OBJECT)


@pytest.mark.parametrize("value", ["true", "yes", 1, None])
def test_a_switch_is_true_or_false_and_nothing_like_it(value: Value) -> None:
    assert chat().set(f"{APP}.metrics", value).mistake() == Mistake(
        f"{APP}.metrics", json.dumps(value), "true or false, without quotes"
    )


def test_metrics_of_the_edition_that_has_none_are_refused() -> None:
    assert chat().set(f"{APP}.metrics", True).mistake() == Mistake(
        f"{APP}.metrics", "true", "false, or edition: enterprise; the team edition has no metrics"
    )


@pytest.mark.parametrize("bucket", ["My Files", "../files", "files/", "-files"])
def test_a_bucket_name_that_no_store_accepts_is_refused(bucket: str) -> None:
    configuration = chat().set(f"{APP}.storage", {**S3, "bucket": bucket})
    assert configuration.mistake() == Mistake(
        f"{APP}.storage.bucket", json.dumps(bucket), "text matching ^[a-z0-9][a-z0-9.-]*[a-z0-9]$"
    )


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        (
            "host",
            "https://smtp.example.com",
            "the relay's host name in lower case such as smtp.example.com, without scheme, port or final dot"
            " (RFC 1123); the certificate that it shows must be of this name; here that is smtp.example.com",
        ),
        (
            "host",
            "203.0.113.7",
            "the relay's host name, not an address: the certificate that it shows is of a name",
        ),
        ("user", "", "the name to log in with: it is required with this relay"),
        ("port", "587", "a whole number, without quotes"),
        ("fromAddress", "chat", "an e-mail address such as admin@example.com"),
        ("security", "none", "'starttls' or 'tls'"),
    ],
)
def test_a_mail_relay_that_cannot_be_is_refused(key: str, value: Value, allowed: str) -> None:
    configuration = chat().set("homeport:mail", {**MAIL, key: value}).secret("mailPassword")
    assert configuration.mistake() == Mistake(f"homeport:mail.{key}", json.dumps(value), allowed)


def test_the_port_for_tls_without_tls_is_refused() -> None:
    configuration = chat().set("homeport:mail", {**MAIL, "port": 465}).secret("mailPassword")
    assert configuration.mistake() == Mistake(
        "homeport:mail.security",
        '"starttls"',
        "tls with port 465: a relay speaks TLS from the first byte there",
    )


@pytest.mark.parametrize(
    ("path", "value", "allowed"),
    [
        ("nginx", "1.25.0", "1.25.1 or newer: nginx-proxy's template uses its `http2` directive"),
        ("nginx", "latest", FULL_VERSION),
        (
            "acmeCompanion",
            "2.8.1",
            "2.8.2 or newer: older ones do not renew when the authority asks for it (RFC 9773), too late for"
            " certificates of 64 or 45 days",
        ),
        (
            "certificate.server",
            "http://acme.example.com",
            "production, staging, or the https:// URL of an ACME directory",
        ),
        ("certificate.email", "admin", "an e-mail address such as admin@example.com"),
        ("hsts", -1, "greater than or equal to 0"),
    ],
)
def test_an_edge_that_cannot_be_is_refused(path: str, value: Value, allowed: str) -> None:
    mistake = chat().set(f"homeport:edge.{path}", value).mistake()
    assert mistake == Mistake(f"homeport:edge.{path}", json.dumps(value), allowed)


@pytest.mark.parametrize("name", ["Example Zone", "example.com", "1zone", ""])
def test_a_managed_zone_that_is_no_name_in_google_cloud_is_refused(name: str) -> None:
    mistake = chat().set("homeport:dns.zones[0].managedZone", name).mistake()
    assert mistake == Mistake(
        "homeport:dns.zones[0].managedZone", json.dumps(name), "text matching ^[a-z][a-z0-9-]{0,62}$"
    )
