"""When a backup is overdue: one definition, for `make status` and for the alarm that the machine raises."""

from __future__ import annotations

from pathlib import Path

UNKNOWN_PAUSE = 24 * 3600
"""Seconds between runs where no timer tells: once a day."""
PAUSES = 2
"""A backup is overdue after as many pauses: one run may be missed for a restart or an update."""
PAUSE_SCRIPT = Path(__file__).with_name("pause.sh")
"""Defines `backup_pause`, a bash function that prints the seconds."""
