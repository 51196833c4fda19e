"""`make demo`: Homeport's stack in a box, from nothing to a verified answer over HTTPS."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import docker
from pulumi.automation import CommandError

from sandbox.box import Box
from sandbox.demonstrations import DEMONSTRATIONS, changes, log_ins, secrets
from sandbox.deployment import STACK, deployment, sandbox_folder, write_workspace
from sandbox.engine import Engine, Policies
from sandbox.https import Answer, get
from sandbox.images.build import all_built
from sandbox.images.catalogue import CLOUD, MACHINE, PREPARED_MACHINE, PUBLISHED
from sandbox.report import Report
from sandbox.tree import resource_tree
from tools.cache import cache_directory
from tools.durations import Durations
from tools.interruptible import advised
from tools.progress import SetupError, course, is_live, remember, say, step

NAME = "demo"
WITHOUT_PAGES = ("mattermost", "mastodon")
"""Apps whose stand-ins answer to programs only."""
OPERATIONS = (
    (f"make status STACK={STACK}", "whether all of it is well"),
    (f"make drift STACK={STACK}", "what somebody changed by hand"),
    (f"make outdated STACK={STACK}", "which images have newer versions"),
    (f"make backup STACK={STACK}", "a backup now, into the sandbox's object store"),
    (f"make backup-verify STACK={STACK}", "restores it into a scratch place and compares"),
    (f"make mail-check STACK={STACK} TO=ada@homeport.test", f"arrives in build/sandbox/{NAME}/mail"),
    (f"make diagram STACK={STACK}", "a picture of it"),
)
"""What an operator runs, and what it does; each has nothing to be set by hand."""
IMPORT = (
    f"make import STACK={STACK} APP={{}} DATABASE=dump.sql",
    "takes in the data of another installation",
)


def up(demonstration: str) -> None:
    """Deploy it, or say that it is there already. Raises `SetupError` with what failed."""
    box = Box(sandbox_folder(NAME))
    # The first one takes another time than those that follow.
    with course(f"demo {demonstration}{', again' if box.directory.exists() else ''}"):
        description = box.start()
        engine = deployment(box, description, changes(demonstration))
        engine.release_stale_locks()
        # A secret that no app of this demonstration reads would be a mistake.
        engine.set_secrets(secrets(demonstration), only=True)
        # Before the update, for one that fails is looked at with the same commands.
        write_workspace(box, description, engine, f"make demo APP={demonstration}")
        changed = _update(engine, demonstration)
    outputs = engine.outputs()
    if changed:
        _show("Resources", resource_tree(engine.saved.resources()))
    else:
        print("\nNothing to do: everything is as the settings say, and it answers.")
    address = str(outputs["address"])
    apps = {name: output for name, output in outputs.items() if isinstance(output, dict) and "url" in output}
    for app in apps.values():
        _proof(str(app["url"]), get(_hostname(app), address, box.acme_root), box.acme_root)
    _show("Look around", _looking(box, address, apps, log_ins(demonstration), str(outputs["ssh"])))
    imports = [(IMPORT[0].format(name), IMPORT[1]) for name in apps if name in WITHOUT_PAGES]
    shown = [*OPERATIONS, *imports[:1]]
    width = max(len(command) for command, _ in shown)
    _show("Operate it, as any stack", [f"{command:{width}}  # {what}" for command, what in shown])


def down() -> None:
    """Remove the demo and everything in it."""
    box = Box(sandbox_folder(NAME))
    with step("Sandbox: remove"):
        box.stop()
    print("The demo is gone: no container, network, volume or swap of it is left.")


def build_images() -> None:
    """Build all that the tests run, so that no test waits for it."""
    served = [
        (source.of(version), version) for source, versions in PUBLISHED.values() for version in versions
    ]
    machines = [(source, None) for source in (CLOUD, MACHINE, PREPARED_MACHINE)]
    all_built(docker.from_env(timeout=600), [*machines, *served])


def _update(engine: Engine, demonstration: str) -> bool:
    """Run the update; whether it changed anything."""
    report, ended = Report(), threading.Event()
    herald = threading.Thread(target=report.wait_beat, args=(ended,), daemon=True)
    herald.start()
    title = "Pulumi: up of stacks/Pulumi.sandbox.yaml"
    if not is_live():
        say(title)
    size = "again" if engine.has_resources() else "new"
    try:
        with step(
            title,
            expect="a minute or two",
            detail=report.waiting,
            key=f"up {demonstration}, {size}",
            plain=False,
        ):
            result = engine.up(report, policies=Policies())
    except CommandError:
        raise SetupError("pulumi up failed:\n" + "\n".join(report.errors)) from None
    finally:
        ended.set()
        herald.join()
    changes = result.summary.resource_changes or {}
    return any(count for operation, count in changes.items() if operation != "same")


def _show(title: str, lines: Iterable[str]) -> None:
    print(f"\n{title}")
    for line in lines:
        print(f"  {line}")


def _proof(url: str, answer: Answer, root: Path) -> None:
    _show(
        url,
        [
            f"answers {answer.status} over {answer.protocol}",
            f"certificate issued by {answer.issuer}, until {answer.expires}",
            f"it chains to the sandbox's root in {_relative(root)}",
        ],
    )


def _looking(
    box: Box,
    address: str,
    apps: Mapping[str, Mapping[str, object]],
    told: Mapping[str, tuple[str, str]],
    ssh: str,
) -> Iterator[str]:
    root = _relative(box.acme_root)
    for name, app in apps.items():
        hostname = _hostname(app)
        yield f"curl --cacert {root} --resolve {hostname}:443:{address} https://{hostname}/"
        administrator = app.get("administrator")
        if isinstance(administrator, dict):
            yield f"log in as {administrator['username']} with {administrator['password']}"
        elif name in told:
            user, password = told[name]
            yield f"log in as {user} with {password}"
    names = " ".join(map(_hostname, apps.values()))
    if bare := [name for name in apps if name in WITHOUT_PAGES]:
        yield f"{' and '.join(bare)}: stand-ins without pages; make demo APP=web has an app to click through"
    if len(bare) < len(apps):
        yield f"in a browser: add the line '{address} {names}' to /etc/hosts and import the root above, or"
        yield f"chromium --user-data-dir=build/sandbox/{NAME}/browser --ignore-certificate-errors \\"
        yield f"  --host-resolver-rules='MAP *.homeport.test {address}' https://{names.split()[-1]}/"
    yield f"the machine: {ssh}"
    yield "on it: sudo tail /var/log/homeport-bootstrap.log; docker ps"
    yield "tear down: make demo-down"


def _hostname(app: Mapping[str, object]) -> str:
    return str(app["url"]).removeprefix("https://")


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def main(arguments: list[str]) -> int:
    """`demo` with what to deploy, `demo-down`, or `images`."""
    parser = argparse.ArgumentParser(prog="python -m sandbox")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="deploy into the sandbox")
    demo.add_argument("app", nargs="?", choices=DEMONSTRATIONS, default="mattermost")
    commands.add_parser("demo-down", help="remove the demo")
    commands.add_parser("images", help="build the images that the tests run")
    chosen = parser.parse_args(arguments)
    remember(Durations(cache_directory() / "durations.json"))
    try:
        if chosen.command == "demo":
            with advised("make demo goes on from here, make demo-down removes it"):
                up(chosen.app)
        elif chosen.command == "images":
            with advised("make test goes on with it"):
                build_images()
        else:
            with advised("make demo-down goes on with it"):
                down()
    except (SetupError, OSError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0
