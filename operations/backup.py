"""`make backup` and `make backup-verify`: have a stack's machine do it now, and show how it went."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from operations.deployed_stack import PulumiError
from operations.finding import Finding, is_well, note, right, wrong
from operations.workspace import PROJECT, Workspace
from tools.interruptible import advised

_RESULTS = "/var/lib/homeport/backup"

Task = Literal["backup", "verify"]
OnMachine = Callable[[str], tuple[int, str]]
"""Runs a command on the machine as a user with sudo: its status, and what it prints."""


def run_now(task: Task, on_machine: OnMachine) -> Iterator[Finding]:
    """Run the machine's own unit and tell its result."""
    unit = "homeport-backup" if task == "backup" else "homeport-backup-verify"
    file = "last.json" if task == "backup" else "verified.json"
    status, said = on_machine(f"sudo systemctl start {unit}.service")
    if status == 255:
        yield wrong(f"the machine cannot be reached: {said.strip()}")
        return
    if "not found" in said or "could not be found" in said:
        yield wrong("the machine makes no backups: set homeport:backup and run pulumi up")
        return
    read, text = on_machine(f"sudo cat {_RESULTS}/{file}")
    if read:
        yield wrong(f"it left no result: {said.strip()} {text.strip()}; see journalctl --unit {unit}")
        return
    result: dict[str, object] = json.loads(text)
    yield from _told(task, result)
    if status and result["ok"]:
        yield wrong(f"the unit failed after its result was written: {said.strip()}")


def _told(task: Task, result: Mapping[str, object]) -> Iterator[Finding]:
    if not result["ok"]:
        yield wrong(str(result["error"]))
        last = result.get("lastSuccess")
        if isinstance(last, dict):
            yield note(f"the last one that went well: {last['snapshot']} of {last['time']}")
        else:
            yield note("none went well so far")
        return
    mib = int(str(result["bytes"])) / 1024**2
    how = "saved as" if task == "backup" else "verified"
    yield right(f"{how} {result['snapshot']}: {mib:.1f} MiB in {result['seconds']} s")
    if task == "verify":
        yield right(
            f"restored and compared: {result['databases']} databases, {result['tables']} tables,"
            f" {result['rows']} rows, {result['files']} files"
        )
        if result["changed"]:
            yield note(f"{result['changed']} files changed while they were saved, and were not compared")


def over_ssh(command_line: str) -> OnMachine:
    """The machine's shell, by the command line that the stack's output `ssh` says."""

    def run(command: str) -> tuple[int, str]:
        done = subprocess.run(
            [*shlex.split(command_line), command], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout if done.returncode == 0 else done.stderr

    return run


def main(arguments: Sequence[str] | None = None) -> int:
    """Do it now; the status is 0 where it went well."""
    parser = argparse.ArgumentParser(prog="make backup", description=__doc__)
    parser.add_argument("task", choices=("backup", "verify"))
    parser.add_argument("--stack", required=True, help="the stack's name")
    parser.add_argument("--project", default=PROJECT, type=Path, help="folder of Pulumi.yaml")
    given = parser.parse_args(arguments)
    try:
        run = Workspace.of(given.stack, given.project).run()
        outputs: dict[str, object] = json.loads(run(["stack", "output", "--json", "--stack", given.stack]))
    except PulumiError as error:
        print(error, file=sys.stderr)
        return 2
    ssh = outputs.get("ssh")
    if not ssh or "backup" not in outputs:
        print("this stack makes no backups: set homeport:backup and run pulumi up", file=sys.stderr)
        return 2
    findings = []
    # It is a unit of the machine's, which does not end with the connection.
    with advised("the machine goes on with it; make status says how it went"):
        for finding in run_now(given.task, over_ssh(str(ssh))):
            print(finding, flush=True)
            findings.append(finding)
    return 0 if is_well(findings) else 1


if __name__ == "__main__":
    sys.exit(main())
