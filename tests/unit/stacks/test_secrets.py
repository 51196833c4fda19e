"""Secrets: each where it belongs, encrypted, and never shown."""

from __future__ import annotations

import pytest

from stacks.mistakes import Mistake
from tests.unit.stacks.configuration import MAIL, S3, Value, chat


@pytest.mark.parametrize(
    ("section", "value", "secret"),
    [
        ("homeport:mail", MAIL, "mailPassword"),
        ("homeport:apps[0].storage", S3, "mattermostStorageSecretKey"),
    ],
)
class TestSecret:
    def test_a_missing_one_is_told_with_the_command_that_sets_it(
        self, section: str, value: Value, secret: str
    ) -> None:
        assert chat().set(section, value).mistake() == Mistake(
            f"homeport:{secret}", "nothing", f"a secret: pulumi config set --secret {secret}"
        )

    def test_an_empty_one_is_as_good_as_missing(self, section: str, value: Value, secret: str) -> None:
        configuration = chat().set(section, value).secret(secret).text(f"homeport:{secret}", " ")
        assert configuration.mistake() == Mistake(
            f"homeport:{secret}", "nothing", f"a secret: pulumi config set --secret {secret}"
        )

    def test_plain_text_is_refused_and_not_shown(self, section: str, value: Value, secret: str) -> None:
        assert chat().set(section, value).text(f"homeport:{secret}", "hunter2").mistake() == Mistake(
            f"homeport:{secret}",
            "plain text",
            f"an encrypted value: pulumi config set --secret {secret}",
        )

    def test_one_of_several_lines_is_refused_and_not_shown(
        self, section: str, value: Value, secret: str
    ) -> None:
        configuration = chat().set(section, value).secret(secret).text(f"homeport:{secret}", "a\nPATH=b")
        assert configuration.mistake() == Mistake(
            f"homeport:{secret}",
            "several lines",
            "one line: containers are handed their variables line by line",
        )

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_a_line_break_at_its_end_is_taken_off(
        self, section: str, value: Value, secret: str, end: str
    ) -> None:
        configuration = chat().set(section, value).secret(secret).text(f"homeport:{secret}", f"a-secret{end}")
        assert configuration.load() == chat().set(section, value).secret(secret).load()

    @pytest.mark.parametrize("text", ["a\rb", "a\tb", "a\0"])
    def test_one_with_a_control_character_is_refused_and_not_shown(
        self, section: str, value: Value, secret: str, text: str
    ) -> None:
        configuration = chat().set(section, value).secret(secret).text(f"homeport:{secret}", text)
        assert configuration.mistake().path == f"homeport:{secret}"

    def test_one_that_nothing_reads_is_told(self, section: str, value: Value, secret: str) -> None:
        assert chat().secret(secret).mistake() == Mistake(
            f"homeport:{secret}",
            f'the key "{secret}"',
            "one of host, dns, edge, mail, apps, backup, monitoring, metrics, logs;"
            f" nothing reads this secret any more? pulumi config rm {secret}",
        )

    def test_it_is_no_unknown_key_where_its_reader_has_mistakes(
        self, section: str, value: Value, secret: str
    ) -> None:
        configuration = chat().set(section, value).set(f"{section}.extra", 1).secret(secret)
        assert configuration.mistake().path == f"{section}.extra"


@pytest.mark.parametrize("section", ["host", "dns", "edge", "mail", "apps"])
def test_an_encrypted_value_inside_a_section_is_refused_and_nothing_of_the_section_is_shown(
    section: str,
) -> None:
    key = f"homeport:{section}"
    configuration = chat().secret(section).text(key, '{"kind": "hunter2", "swap": "hunter2"}')
    mistakes = configuration.mistakes()
    assert mistakes[0] == Mistake(
        key,
        "an encrypted value inside",
        "plain values only; secrets have keys of their own, such as homeport:mailPassword",
    )
    assert not [mistake for mistake in mistakes if "hunter2" in str(mistake)]


def test_a_mail_section_with_mistakes_still_needs_its_password() -> None:
    mistakes = chat().set("homeport:mail", {**MAIL, "port": 0}).mistakes()
    assert [mistake.path for mistake in mistakes] == ["homeport:mail.port", "homeport:mailPassword"]


def test_a_misspelt_secret_is_told_as_missing_and_as_unknown() -> None:
    configuration = chat().set("homeport:apps[0].storage", S3).secret("mattermostStorageSecret")
    assert configuration.mistakes() == (
        Mistake(
            "homeport:mattermostStorageSecretKey",
            "nothing",
            "a secret: pulumi config set --secret mattermostStorageSecretKey",
        ),
        Mistake(
            "homeport:mattermostStorageSecret",
            'the key "mattermostStorageSecret"',
            "one of host, dns, edge, mail, apps, backup, monitoring, metrics, logs,"
            " mattermostStorageSecretKey;"
            " did you mean mattermostStorageSecretKey?;"
            " nothing reads this secret any more? pulumi config rm mattermostStorageSecret",
        ),
    )


def test_each_app_has_a_secret_of_its_own_name() -> None:
    configuration = chat().set("homeport:apps[0].storage", S3).set("homeport:apps[0].name", "team-chat")
    assert configuration.mistake().path == "homeport:team-chatStorageSecretKey"


@pytest.mark.parametrize(
    ("path", "key"), [("homeport:mail", "password"), ("homeport:apps[0].storage", "secretKey")]
)
def test_a_password_under_a_key_that_is_none_is_not_shown(path: str, key: str) -> None:
    sections: dict[str, dict[str, Value]] = {"homeport:mail": MAIL, "homeport:apps[0].storage": S3}
    mistakes = chat().set(path, {**sections[path], key: "hunter2"}).mistakes()
    assert mistakes[0].path == f"{path}.{key}"
    assert not [mistake for mistake in mistakes if "hunter2" in str(mistake)]


def test_a_secret_of_a_variable_is_told_with_the_command_that_sets_it() -> None:
    configuration = chat().set("homeport:apps[0].secretEnvironment", {"MM_LDAPSETTINGS_BINDPASSWORD": "ldap"})
    assert configuration.mistake() == Mistake(
        "homeport:ldap", "nothing", "a secret: pulumi config set --secret ldap"
    )


def test_a_secret_of_a_variable_is_known_also_where_its_app_has_mistakes() -> None:
    variables: Value = {"MM_LDAPSETTINGS_BINDPASSWORD": "ldap"}
    configuration = (
        chat().set("homeport:apps[0].secretEnvironment", variables).set("homeport:apps[0].swap", -1)
    )
    assert configuration.secret("ldap").mistake().path == "homeport:apps[0].swap"


def test_two_apps_that_share_a_secret_are_told_once_that_it_is_missing() -> None:
    web: dict[str, Value] = {"kind": "web", "image": "a:1", "port": 80, "secretEnvironment": {"A": "shared"}}
    configuration = chat()
    configuration.set("homeport:apps[0]", {**web, "name": "one", "hostname": "one.example.com"})
    configuration.add_app(name="two", hostname="two.example.com")
    assert configuration.mistake().path == "homeport:shared"


def test_a_secret_with_the_name_of_a_section_is_refused() -> None:
    configuration = chat().set("homeport:apps[0].secretEnvironment", {"MM_X": "edge"})
    assert configuration.mistake() == Mistake(
        "homeport:edge", "the name of a section", "another name for this secret"
    )


def test_a_secret_where_its_name_belongs_is_refused_and_not_shown() -> None:
    configuration = chat().set("homeport:apps[0].secretEnvironment", {"MM_X": "correct horse"})
    mistake = configuration.mistake()
    assert mistake.path == "homeport:apps[0].secretEnvironment.MM_X"
    assert mistake.allowed.startswith("the name of a secret of the stack, such as oidcClientSecret,")
    assert "horse" not in str(mistake)
