"""An update of a Mastodon as those see it who use it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.e2e.deployed import Deployed
from tests.e2e.load import Listener, Load, listening
from tests.e2e.mastodon_stack import jobs, people, sql
from tests.e2e.social import HOSTNAME, Social, within


@dataclass(frozen=True)
class Rolled:
    """What people saw of an update."""

    load: Load
    listener: Listener
    hears_again: bool
    written: int
    """Statuses of that time."""
    processed: int
    failed: int
    """Jobs of Sidekiq."""


def rolled_update(deployed: Deployed, owner: Social, update: Callable[[], object]) -> Rolled:
    """Update while people read, write and listen; nothing of before may wait for Sidekiq."""
    written = _statuses(deployed)
    before = {outcome: jobs(deployed, outcome) for outcome in ("processed", "failed")}
    url = f"wss://{HOSTNAME}/api/v1/streaming?stream=user&access_token={owner.token}"
    with listening(deployed, url) as listener, people(deployed, owner) as load:
        update()

        def heard() -> bool:
            owner.post("after the update")
            return listener.wait_for("after the update", 2)

        hears_again = within(10, heard)
    written = _statuses(deployed) - written
    within(20, lambda: jobs(deployed, "processed") - before["processed"] >= written)
    done = {outcome: jobs(deployed, outcome) - before[outcome] for outcome in before}
    return Rolled(load, listener, hears_again, written, **done)


def _statuses(deployed: Deployed) -> int:
    return int(sql(deployed, "SELECT count(*) FROM statuses"))
