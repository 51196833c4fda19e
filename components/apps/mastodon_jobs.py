"""What is done to a Mastodon from outside: its database for each version, its first account, its disk."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from components.domain import Calendar, Email, Settings
from components.workload import Job, Printed, Schedule

_OWNER = "owner"
PRINTED_PASSWORD = Printed(_OWNER, "New password:")
"""The first account's, as Mastodon makes it up itself."""

_PREPARE = """\
if bundle exec rails db:version | grep -q 'Current version: 0$'; then
    exec bundle exec rails db:prepare
fi
export SKIP_POST_DEPLOYMENT_MIGRATIONS=true
exec bundle exec rails db:migrate
"""


_RESERVED = frozenset(
    (
        *("abuse", "account", "accounts", "admin", "administration", "administrator", "admins", "help"),
        *("helpdesk", "instance", "mod", "moderator", "moderators", "mods", "owner", "root", "security"),
        *("server", "staff", "support", "webmaster"),
    )
)
"""From Mastodon's `config/settings.yml`, and since 4.5 its `db/seeds`. Some versions give them to an account
that is made by command."""
_RESERVED_INSIDE = ("mastodon", "mastadon")
"""Since 4.5 no name has these in it (`db/seeds`, `UsernameBlock` that is not exact)."""


def _unreserved(username: str) -> str:
    if username in _RESERVED or any(part in username for part in _RESERVED_INSIDE):
        raise ValueError("a name of your own, such as ada: Mastodon reserves this one")
    return username


class OwnerSettings(Settings):
    """The first account, with all rights. Its password is shown by `pulumi stack output --show-secrets`.

    The account is made once, with the first deployment: what is changed here later does not change it.
    """

    username: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,30}$"), AfterValidator(_unreserved)]
    """1 to 30 lower-case letters, digits and underscores; not one that Mastodon reserves, such as `admin`."""
    email: Email
    """The account's address. Mastodon looks up whether its domain takes mail, and refuses it if not."""


class PruneSettings(Settings):
    """What is removed again and again, as copies of other servers' files would fill the disk."""

    calendar: Calendar = "Sun *-*-* 04:00"
    """When."""
    media_days: int = Field(default=7, ge=1, le=3650)
    """Days after which a copy of another server's picture or film goes; fetched again when looked at."""
    preview_card_days: int = Field(default=30, ge=14, le=3650)
    """Days after which the picture of a link goes. Mastodon does not fetch it again within 14 days."""


def jobs(owner: OwnerSettings, *, search: bool) -> tuple[Job, ...]:
    """In the order in which they run at each time."""
    tootctl = "bin/tootctl"
    account = (tootctl, "accounts", "create", owner.username, "--email", owner.email)
    return (
        Job(
            name="prepare",
            service="web",
            # An empty database is filled from the schema, with all migrations known: without those for after
            # a deployment they would count as never run, and fail on tables that are of today. One with data
            # gets those that the version before can live with.
            command=("sh", "-euc", _PREPARE),
            when="before",
        ),
        Job(name="migrate", service="web", command=("bundle", "exec", "rails", "db:migrate"), when="after"),
        Job(
            name=_OWNER,
            service="sidekiq",
            command=(*account, "--confirmed", "--approve", "--role", "Owner"),
            when="once",
            # Mastodon asks the DNS for the address's domain, and only this container reaches it.
            inside=True,
            done_before="taken",
            then=(tootctl, "accounts", "modify", owner.username, "--reset-password"),
        ),
        *(
            (
                Job(
                    name="search",
                    service="sidekiq",
                    command=(tootctl, "search", "deploy"),
                    when="once",
                    inside=True,
                ),
            )
            if search
            else ()
        ),
    )


def schedule(prune: PruneSettings) -> Schedule:
    """Remove copies of other servers' files; one after the other, as each loads the whole of Mastodon."""
    return Schedule(
        name="prune",
        service="sidekiq",
        command=(
            "sh",
            "-euc",
            f"bin/tootctl media remove --days {prune.media_days};"
            f" bin/tootctl preview_cards remove --days {prune.preview_card_days}",
        ),
        calendar=prune.calendar,
    )
