"""`make demo`: Homeport's stack in a box, from nothing to a verified answer over HTTPS."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from pulumi.automation import CommandError

from sandbox.box import Box
from sandbox.deployment import deployment, sandbox_folder
from sandbox.engine import Engine
from sandbox.https import Answer, get
from sandbox.report import Report
from sandbox.tree import resource_tree
from tools.progress import SetupError, say, step

NAME = "demo"
APP = "mattermost"


def up() -> None:
    """Deploy it, or say that it is there already. Raises `SetupError` with what failed."""
    box = Box(sandbox_folder(NAME))
    description = box.start()
    engine = deployment(box, description)
    changed = _update(engine)
    outputs = engine.outputs()
    app, address = outputs[APP], str(outputs["address"])
    if not isinstance(app, dict):
        raise SetupError(f"the stack has no app {APP}")
    hostname = str(app["url"]).removeprefix("https://")
    answer = get(hostname, address, box.acme_root)
    if changed:
        _show("Resources", resource_tree(engine.state()))
    else:
        print("\nNothing to do: everything is as the settings say, and it answers.")
    _proof(str(app["url"]), answer, box.acme_root)
    _look_around(box, hostname, address, app, str(outputs["ssh"]))


def down() -> None:
    """Remove the demo and everything in it."""
    box = Box(sandbox_folder(NAME))
    with step("Sandbox: remove"):
        box.stop()
    print("The demo is gone: no container, network, volume or swap of it is left.")


def _update(engine: Engine) -> bool:
    """Run the update; whether it changed anything."""
    report, ended = Report(), threading.Event()
    herald = threading.Thread(target=report.wait_beat, args=(ended,), daemon=True)
    herald.start()
    say("Pulumi: up of stacks/Pulumi.sandbox.yaml")
    try:
        result = engine.up(report)
    except CommandError:
        raise SetupError("pulumi up failed:\n" + "\n".join(report.errors)) from None
    finally:
        ended.set()
        herald.join()
    changes = result.summary.resource_changes or {}
    return any(count for operation, count in changes.items() if operation != "same")


def _show(title: str, lines: list[str]) -> None:
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


def _look_around(box: Box, hostname: str, address: str, app: dict[str, object], ssh: str) -> None:
    administrator = app["administrator"]
    if not isinstance(administrator, dict):
        raise SetupError("the app has no administrator")
    root = _relative(box.acme_root)
    _show(
        "Look around",
        [
            f"curl --cacert {root} --resolve {hostname}:443:{address} https://{hostname}/api/v4/system/ping",
            f"in a browser: add the line '{address} {hostname}' to /etc/hosts and import the root above",
            f"log in as {administrator['username']} with {administrator['password']}",
            f"the machine: {ssh}",
            "on it: sudo tail /var/log/homeport-bootstrap.log; docker ps",
            "tear down: make demo-down",
        ],
    )


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def main(arguments: list[str]) -> int:
    """`demo` or `demo-down`."""
    commands = {"demo": up, "demo-down": down}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: python -m sandbox {'|'.join(commands)}", file=sys.stderr)
        return 2
    try:
        commands[arguments[0]]()
    except (SetupError, OSError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0
