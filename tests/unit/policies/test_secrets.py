"""Which values are taken for secrets in plain text, and what a report says of them."""

from __future__ import annotations

import pytest

from policies.kinds import REMOTE_COMMAND
from tests.unit.policies.asked import UNKNOWN, Asked, container, found, labelled, secret

RULE = "no-plain-secret"
_PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----"


def variable(text: str) -> list[str]:
    """What is reported about a container with one variable."""
    return found(RULE, container(envs=[text]))


@pytest.mark.parametrize(
    "name", ["SMTP_PASSWORD", "SECRET_KEY_BASE", "accessToken", "API_KEY", "MY_KEY", "PGPASSWORD", "DB_PWD"]
)
def test_a_variable_named_like_a_secret_is_reported(name: str) -> None:
    assert len(variable(f"{name}=correct horse")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "SMTP_PASSWORD_FILE=/run/secrets/smtp",
        "VAPID_PUBLIC_KEY=BPo",
        "ENABLE_TOKENS=true",
        "TOKEN_LENGTH=thirty-two",
        "KEYBOARD=german",
        "MONKEY=coco",
        "DB_PASSWORD=",
        "TRUSTED_TOKENS=10",
    ],
)
def test_a_place_a_switch_a_number_or_what_is_public_is_no_secret(text: str) -> None:
    assert variable(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "DATABASE_URL=postgres://app:hunter2@postgres/app",
        f"CERTIFICATE={_PEM}",
        "REMOTE=ghp_" + 36 * "a",
        "CHAT=xoxb-1234567890-abcdef",
        "CLOUD=AKIAABCDEFGHIJKLMNOP",
        "MAPS=AIza" + 35 * "b",
    ],
)
def test_what_has_the_shape_of_a_secret_is_reported_whatever_its_name(text: str) -> None:
    assert len(variable(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "DATABASE_URL=postgres://app@postgres/app",
        'URL="postgres://$USER:$PASSWORD@postgres"',
        "URL=http://host:8080/@ada",
        "CA=-----BEGIN CERTIFICATE-----",
    ],
)
def test_an_address_without_a_password_and_a_certificate_are_none(text: str) -> None:
    assert variable(text) == []


def test_the_report_does_not_repeat_the_secret() -> None:
    reports = variable("DATABASE_URL=postgres://app:hunter2@postgres/app") + variable("DB_PASSWORD=hunter2")

    assert len(reports) == 2
    assert "hunter2" not in " ".join(reports)


def test_a_label_is_no_place_for_a_secret() -> None:
    assert len(found(RULE, labelled("traefik.password", "hunter2"))) == 1


def test_a_variable_of_a_command_is_none_either() -> None:
    assert len(found(RULE, Asked(REMOTE_COMMAND, {"environment": {"TOKEN": "hunter2"}}))) == 1


def test_a_key_in_a_script_is_reported_with_its_place() -> None:
    (report,) = found(RULE, Asked(REMOTE_COMMAND, {"stdin": f"cat >key <<END\n{_PEM}\nEND"}))

    assert "has a private key in plain text in its property stdin" in report


def test_what_the_engine_knows_to_be_secret_is_not_reported() -> None:
    url = "DATABASE_URL=postgres://app:hunter2@postgres/app"
    command = Asked(
        REMOTE_COMMAND,
        {
            "stdin": secret(_PEM),
            "connection": secret({"privateKey": _PEM}),
            "environment": {"TOKEN": secret("x")},
        },
    )

    assert found(RULE, command, container(envs=[secret(url)]), container(envs=secret([url]))) == []


def test_one_that_is_not_known_yet_does_not_hide_the_others() -> None:
    assert len(found(RULE, container(envs=[UNKNOWN, "DB_PASSWORD=hunter2"]))) == 1
