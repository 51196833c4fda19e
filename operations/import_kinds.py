"""What an app must be like to take data in, for each kind of app that can."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from components.apps.mastodon import MastodonSettings
from components.apps.mattermost import MattermostSettings
from components.workload import App
from stacks.settings import StackSettings


class ImportRefusedError(Exception):
    """This app takes no data in. The text says why, and what to do."""


@dataclass(frozen=True)
class Target:
    """The app that data comes into."""

    app: App
    tables: Sequence[str]
    """Tables that its data must have. The first is never empty."""
    counts: str
    """A query for what people made: a line for each kind of it, none where the app is fresh."""
    job_service: str = ""
    job: str = ""
    """Command that brings data to the app's version; empty where the app does so when it starts."""
    job_variable: str = ""
    """Variable from which the job's service knows the name of its database."""
    afterwards: Sequence[str] = ()
    """What is left for a person to do."""
    version: str = ""
    """The app's version."""
    migrations: str = ""
    """Table with a column `version` of numbers that grow, one for each migration that the data has seen."""

    @property
    def watched(self) -> Sequence[str]:
        """Small tables whose rows tell the version that data comes from."""
        return ("systems", self.migrations)

    @property
    def services(self) -> Sequence[str]:
        """Services that stop meanwhile."""
        return [service.name for service in self.app.services if not service.stateful]

    @property
    def volumes(self) -> dict[str, tuple[str, str]]:
        """Volumes that take files, by name: a service that mounts each, and the path there."""
        return {
            mount.volume.name: (service.name, mount.path)
            for service in reversed(self.app.services)
            if not service.stateful
            for mount in service.mounts
        }


_MATTERMOST_COUNTS = """
SELECT count(*) || ' accounts besides ADMINISTRATOR' FROM users
    WHERE username <> 'ADMINISTRATOR' AND email NOT LIKE '%@localhost' HAVING count(*) > 0;
SELECT count(*) || ' posts' FROM posts p JOIN users u ON u.id = p.userid
    WHERE u.email NOT LIKE '%@localhost' AND coalesce(to_jsonb(p) ->> 'type', '') = '' HAVING count(*) > 0;
SELECT count(*) || ' files' FROM fileinfo HAVING count(*) > 0;
"""
"""By `to_jsonb`, since versions differ in their columns. The addresses of bots end so in every version."""

_MASTODON_COUNTS = """
SELECT count(*) - 1 || ' accounts besides the owner' FROM users HAVING count(*) > 1;
SELECT count(*) || ' posts' FROM statuses s JOIN accounts a ON a.id = s.account_id
    WHERE to_jsonb(a) ->> 'domain' IS NULL HAVING count(*) > 0;
SELECT count(*) || ' files' FROM media_attachments m JOIN accounts a ON a.id = m.account_id
    WHERE to_jsonb(a) ->> 'domain' IS NULL HAVING count(*) > 0;
"""


def target(settings: StackSettings, name: str) -> Target:
    """The app of that name. Raises `ImportRefusedError`."""
    of_name = {app.name: app for app in settings.app_settings}
    if name not in of_name:
        raise ImportRefusedError(f"the stack has no app {name}; it has {', '.join(of_name)}")
    app = next(app for app in settings.apps if app.name == name)
    match of_name[name]:
        case MattermostSettings() as mattermost:
            return _mattermost(app, mattermost)
        case MastodonSettings() as mastodon:
            return _mastodon(app, mastodon)
        case other:
            raise ImportRefusedError(
                f"{name} is of the kind {other.kind}: data is taken in by mattermost and mastodon"
            )


def _mattermost(app: App, settings: MattermostSettings) -> Target:
    administrator = settings.administrator.username
    return Target(
        app,
        ("users", "posts", "systems"),
        _MATTERMOST_COUNTS.replace("ADMINISTRATOR", administrator),
        afterwards=(
            "log in with the accounts of the old installation:"
            f" the stack's output for {administrator} is not the password of one",
        ),
        version=settings.version,
        migrations="db_migrations",
    )


def _mastodon(app: App, settings: MastodonSettings) -> Target:
    if settings.secrets_from != "supplied":
        kept = {secret.name for secret in settings.secrets}
        supplied = settings.model_copy(update={"secrets_from": "supplied"}).secrets
        names = ", ".join(secret.name for secret in supplied if secret.name not in kept)
        raise ImportRefusedError(
            f"{settings.name} has keys of its own, and cannot read what the old ones encrypted. Start over"
            " with `secrets: supplied` and the old installation's keys, by pulumi config set --secret:"
            f" {names}"
        )
    return Target(
        app,
        ("accounts", "statuses", "schema_migrations"),
        _MASTODON_COUNTS,
        job_service="web",
        job="bundle exec rails db:migrate",
        job_variable="DB_NAME",
        afterwards=(
            "log in with the accounts of the old installation; the stack's output has the password of none",
            "home timelines are empty until they are built, see Moving in in docs/operations.md",
        ),
        version=settings.version,
        migrations="schema_migrations",
    )


def refuse_unknown_volumes(target: Target, names: Iterable[str]) -> None:
    """Raises `ImportRefusedError` where the app has no such volume for files."""
    unknown = [name for name in names if name not in target.volumes]
    if unknown:
        raise ImportRefusedError(
            f"{target.app.name} has no volume {', '.join(unknown)} for files;"
            f" it has {', '.join(target.volumes)}"
        )
