"""What a stack's valid settings bring about that its owner may not expect."""

from __future__ import annotations

from collections.abc import Iterator

from components.apps.mattermost import MattermostSettings
from stacks.settings import StackSettings

_ENTRY = 11
"""First major version whose enterprise edition without a licence is Mattermost Entry (mattermost#34271)."""


def notices(settings: StackSettings) -> Iterator[str]:
    """One sentence each, with the path in the stack file; shown in each preview and update."""
    for index, app in enumerate(settings.app_settings):
        if not isinstance(app, MattermostSettings) or app.license:
            continue
        if app.edition == "enterprise" and int(app.version.partition(".")[0]) >= _ENTRY:
            yield (
                f"homeport:apps[{index}].edition: enterprise without a licence is Mattermost Entry, in which"
                " nobody can read more than the last 10,000 messages of the server. With a licence say"
                " license: true, without one edition: team"
            )
