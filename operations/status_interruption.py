"""What an update that was cut off left behind, and the command that ends each part of it.

Facts about the engine (pulumi 3.259.0). An operation that was under way is noted in the state. The next
update takes the notes away but for those of creations: it does not know whether something was made
(`pkg/backend/journal.go`), so each later one warns of them. `pulumi refresh --clear-pending-creates` takes
them away too, but in a terminal it first asks about each one (`cmd/pulumi/operations/refresh.go`); `pulumi
stack import` drops all of them and changes nothing else (`cmd/pulumi/stack/io.go`). An update that was killed
is not in the history of a stack in a folder or bucket, and is none that succeeded in Pulumi Cloud's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from operations.deployed_stack import PulumiError, Run
from operations.status_facts import Attention
from operations.status_state import RecordedState

_ROUNDED = timedelta(seconds=1)
"""The history has whole seconds."""


class _Update(BaseModel):
    kind: str
    result: str = ""
    end_time: datetime | None = Field(default=None, alias="endTime")


def interruption(state: RecordedState, run: Run, stack: str, up: str) -> tuple[Attention, ...]:
    """What to do about an update that was cut off; nothing where none was, or all is settled.

    `up` is the command that updates the stack.
    """
    if not state.pending:
        return ()
    forget = f"pulumi stack export -s {stack} | pulumi stack import -s {stack}"
    if not _was_finished(state, run, stack):
        return (
            Attention(
                what=f"an update was cut off, {len(state.pending)} resources may be half made",
                do=f"{up} goes on with it; what it still warns of, {forget} ends",
            ),
        )
    doubles = ", ".join(state.doubles)
    look = f"delete {doubles} where the cloud has such and nothing uses it; then " if doubles else ""
    return (
        Attention(
            what=f"an update was cut off and a later one made everything, but Pulumi still warns of"
            f" {len(state.pending)} resources",
            do=f"{look}{forget} ends the warning",
        ),
    )


def _was_finished(state: RecordedState, run: Run, stack: str) -> bool:
    """Whether the last thing that happened to the stack is an update that succeeded."""
    try:
        told = run(["stack", "history", "--json", "--page-size", "1", "--stack", stack])
        updates = TypeAdapter(list[_Update]).validate_json(told)
    except (PulumiError, ValidationError):
        # Then it is safe to say so: one more update does no harm.
        return False
    last = updates[0] if updates else None
    if not last or not last.end_time or not state.saved:
        return False
    succeeded = (last.kind, last.result) == ("update", "succeeded")
    return succeeded and last.end_time + _ROUNDED >= state.saved
