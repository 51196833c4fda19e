"""`make import`: take the data of an installation that Homeport did not make into an app of a stack."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from operations.backup import over_ssh, run_now
from operations.deployed_stack import DeployedStack, PulumiError
from operations.finding import Finding, is_well, note, right, wrong
from operations.import_database import Dump
from operations.import_error import DumpError
from operations.import_files import size
from operations.import_kinds import ImportRefusedError, Target, refuse_unknown_volumes, target
from operations.import_machine import ImportMachine, MachineError
from operations.status_state import RecordedState
from operations.workspace import PROJECT, Workspace
from stacks.mistakes import MistakesError
from tools.interruptible import status_of

_VOLUME = re.compile(r"([a-z][a-z0-9-]*)=(.+)")


def folders(text: str) -> dict[str, Path]:
    """`volume=folder`, any number of them. Raises `ImportRefusedError`."""
    found: dict[str, Path] = {}
    for word in text.split():
        matched = _VOLUME.fullmatch(word)
        if not matched:
            raise ImportRefusedError(f'FILES is a list such as "data=./data plugins=./plugins", not {word}')
        volume, folder = matched[1], Path(matched[2]).expanduser()
        if volume in found:
            raise ImportRefusedError(f"FILES names the volume {volume} twice")
        if not folder.is_dir():
            raise ImportRefusedError(f"FILES: {folder} is no folder")
        found[volume] = folder
    return found


def variables(
    wanted: Target, dump: Dump, files: Mapping[str, Path], to_come: int, *, replace: bool
) -> dict[str, str]:
    """What the machine's script is told. Nothing of it is secret."""
    database = wanted.app.databases[0]
    return {
        "app": wanted.app.name,
        "services": " ".join(wanted.services),
        "server": database.service,
        "major": str(database.major),
        "database": database.name,
        "tables": " ".join(wanted.tables),
        "counts": wanted.counts,
        "volumes": "\n".join(f"{name} {service} {path}" for name, (service, path) in wanted.volumes.items()),
        "files": " ".join(files),
        "replace": "1" if replace else "0",
        "format": "custom" if dump.is_custom else "plain",
        "extensions": " ".join(dump.extensions),
        "schema": dump.schema,
        "dump_major": str(dump.major),
        "migrations": wanted.migrations,
        "migration": str(dump.migration),
        "size": str(to_come),
        "job_service": wanted.job_service,
        "job": wanted.job,
        "job_variable": wanted.job_variable,
        "queue": wanted.app.queues[0].service if wanted.app.queues else "",
    }


def import_data(
    place: tuple[str, str],
    wanted: Target,
    dump: Dump,
    files: Mapping[str, Path],
    *,
    replace: bool,
    backs_up: bool,
) -> Iterator[Finding]:
    """Send everything, then load and swap. Raises `MachineError`, `DumpError` and `OSError`.

    `place`: the stack's output `ssh`, and the label of its containers on that machine.
    """
    ssh, deployment = place
    # The dump, and a database of about twice its size; what is packed is about five times as large.
    to_come = dump.size * (11 if dump.is_packed else 3) + sum(map(size, files.values()))
    told = variables(wanted, dump, files, to_come, replace=replace) | {"deployment": deployment}
    machine = ImportMachine(ssh, told, lambda line: print(line, flush=True))
    machine.begin()
    dump = dump.without(machine.lacking_extensions(), wanted.app.name)
    if replace and backs_up:
        saved = list(run_now("backup", over_ssh(ssh)))
        yield from saved
        if not is_well(saved):
            yield wrong("no backup, so nothing was replaced")
            return
    left_out: Counter[str] = Counter()
    with dump.content(left_out) as content:
        checksum = machine.send_dump(content)
    yield right(f"the dump is on the machine: {dump.path}")
    if left_out:
        yield note(f"left out of it: {', '.join(f'{what} ({count})' for what, count in left_out.items())}")
    if dump.schema != "public":
        yield note(f"its tables are in the schema {dump.schema}; they become those of the schema public")
    for volume, folder in files.items():
        sent = machine.send_files(volume, folder)
        yield right(
            f"{folder} is on the machine, for {volume}: {sent.files} files, {sent.size / 1024**2:.1f} MiB"
        )
        if sent.left_out:
            shown = ", ".join(sent.left_out[:3])
            yield note(f"neither files nor folders, and left out of {volume}: {len(sent.left_out)}, {shown}")
    machine.run(checksum, sorted(dump.lacking))
    for line in wanted.afterwards:
        yield note(line)


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the data in; the status is 0 where it went well, 2 where nothing was begun."""
    parser = argparse.ArgumentParser(prog="make import", description=__doc__)
    parser.add_argument("--stack", required=True, help="the stack's name")
    parser.add_argument("--app", required=True, help="the app's name in it")
    parser.add_argument(
        "--database", required=True, type=Path, help="file or folder of pg_dump or pg_dumpall"
    )
    parser.add_argument("--database-name", default="", help="which database of several")
    parser.add_argument("--files", default="", help="volume=folder, any number of them")
    parser.add_argument("--replace", action="store_true", help="put people's data aside")
    parser.add_argument("--project", default=PROJECT, type=Path, help="folder of Pulumi.yaml")
    given = parser.parse_args(arguments)
    try:
        files = folders(given.files)
        run = Workspace.of(given.stack, given.project).run()
        stack = DeployedStack.read(given.stack, run)
        exported = run(["stack", "export", "--stack", given.stack])
        place = str(stack.outputs.get("ssh", "")), RecordedState.parse(exported).deployment
        wanted = target(stack.settings, given.app)
        refuse_unknown_volumes(wanted, files)
        dump = Dump.read(given.database, wanted, given.database_name)
        if not place[0]:
            raise ImportRefusedError("this stack has no machine that is reached over SSH")
    except (PulumiError, MistakesError, ImportRefusedError, DumpError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    findings = []
    backs_up = "backup" in stack.outputs
    try:
        for finding in import_data(place, wanted, dump, files, replace=given.replace, backs_up=backs_up):
            print(finding, flush=True)
            findings.append(finding)
    except (MachineError, DumpError, OSError) as error:
        print(wrong(str(error)), flush=True)
        return 1
    except KeyboardInterrupt as stop:
        print(
            wrong("cut off; the machine goes back to what it had, unless it said that all is done"),
            flush=True,
        )
        return status_of(stop)
    return 0 if is_well(findings) else 1


if __name__ == "__main__":
    sys.exit(main())
