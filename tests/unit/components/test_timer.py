"""What timer.sh leaves behind, with a systemd whose folders are the test's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from components.host.shell import with_variables

SCRIPT = Path(__file__).parents[3] / "components" / "host" / "timer.sh"
UNIT = "homeport-backup"


def write(folder: Path, calendar: str = "daily", task: str = "true", failing: str = "") -> list[str]:
    """Run the script; what it asks systemctl for. `failing` is a command of systemctl that fails."""
    programs, units = folder / "programs", folder / "units"
    for made in (folder / "bin", units):
        made.mkdir(exist_ok=True)
    log = folder / "log"
    log.write_text("")
    stubs = {
        "systemd-analyze": 'case $2 in daily) ;; *) echo "Failed to parse" >&2; exit 1 ;; esac',
        "systemctl": f'echo "$*" >>{log}; [[ -z "{failing}" || "$*" != *"{failing}"* ]]',
    }
    for name, body in stubs.items():
        (folder / "bin" / name).write_text(f"#!/bin/bash\n{body}\n")
        (folder / "bin" / name).chmod(0o755)
    text = with_variables(SCRIPT.read_text(), {"unit": UNIT, "calendar": calendar, "task": task})
    text = text.replace("/etc/systemd/system", str(units)).replace("/usr/local/lib/homeport", str(programs))
    ran = subprocess.run(
        ["bash", "-s"],
        input=text,
        env={"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode == 0) is (calendar == "daily" and not failing), ran.stderr
    return log.read_text().splitlines()


def left(folder: Path) -> list[str]:
    """The files of the timer."""
    return sorted(path.name for part in ("units", "programs") for path in (folder / part).glob("*"))


def test_a_timer_is_written_and_started(tmp_path: Path) -> None:
    asked = write(tmp_path)
    assert left(tmp_path) == [UNIT, f"{UNIT}.service", f"{UNIT}.timer"]
    assert asked[-1] == f"restart {UNIT}.timer"


@pytest.mark.parametrize(("calendar", "failing"), [("0 3 * * *", ""), ("daily", "restart")])
def test_an_update_that_fails_leaves_no_old_timer(tmp_path: Path, calendar: str, failing: str) -> None:
    write(tmp_path)
    asked = write(tmp_path, calendar, failing=failing)
    assert f"disable --now {UNIT}.timer" in asked
    assert left(tmp_path) == []
