"""The first account of a Mattermost."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from components.domain import Email, Settings
from components.workload import GeneratedPassword, Job, text

_RESERVED = frozenset(("all", "channel", "matterbot", "system"))
"""From Mattermost's server/public/model/user.go, `restrictedUsernames`."""


def _unreserved(username: str) -> str:
    if username in _RESERVED:
        raise ValueError("a name of your own, such as admin: Mattermost reserves this one")
    return username


class AdministratorSettings(Settings):
    """The first account. Its password is generated and shown by `pulumi stack output --show-secrets`.

    The account is made once, with the first deployment: what is changed here later does not change it.
    """

    username: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{2,21}$"), AfterValidator(_unreserved)] = (
        "admin"
    )
    """3 to 22 lower-case letters, digits, dots, hyphens and underscores, first a letter; not one that
    Mattermost reserves, such as `system`."""
    email: Email
    """The account's address, for log-in and mail."""


def create_administrator(
    administrator: AdministratorSettings, service: str, password: GeneratedPassword
) -> Job:
    """Make the account, through the server's local socket."""
    mmctl = ("/mattermost/bin/mmctl", "--local")
    return Job(
        name="administrator",
        service=service,
        command=(
            *mmctl,
            "user",
            "create",
            "--system-admin",
            "--email",
            administrator.email,
            "--username",
            administrator.username,
            "--password",
            text(password),
        ),
        when="once",
        # It talks to the server through its local socket.
        inside=True,
        done_before="already exists",
        then=(
            *mmctl,
            "user",
            "change-password",
            administrator.username,
            "--password",
            text(password),
        ),
    )
