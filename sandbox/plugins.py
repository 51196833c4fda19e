"""Which plugin the engine finds for each provider: the sandbox's stand-in, or the official one."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

from tools.progress import SetupError

REPOSITORY = Path(__file__).parent.parent
STAND_INS = ("aws", "command", "docker", "gcp", "random", "tls")


def official() -> frozenset[str]:
    """Providers that shall be the official ones: `SANDBOX_OFFICIAL=docker,command`."""
    names = frozenset(filter(None, os.environ.get("SANDBOX_OFFICIAL", "").split(",")))
    if unknown := names - set(STAND_INS):
        raise SetupError(
            f"SANDBOX_OFFICIAL names {', '.join(sorted(unknown))}; it can name {', '.join(STAND_INS)}"
        )
    return names


def install(home: Path) -> None:
    """Put a plugin for each provider into a PULUMI_HOME, in the version of its installed SDK.

    An exact version in this place is taken before anything on PATH, without a warning and without the
    network. Raises `SetupError` where an official plugin is wanted and not to be had.
    """
    wanted = official()
    for name in STAND_INS:
        sdk = version(f"pulumi-{name}")
        folder = home / "plugins" / f"resource-{name}-v{sdk}"
        folder.mkdir(parents=True, exist_ok=True)
        plugin = folder / f"pulumi-resource-{name}"
        if name in wanted:
            plugin.unlink(missing_ok=True)
            plugin.symlink_to(_official_plugin(name, sdk))
            continue
        if plugin.is_symlink():
            plugin.unlink()
        python = shlex.quote(sys.executable)
        text = (
            f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(REPOSITORY))}"
            f" exec {python} -m sandbox.providers {name} {sdk}\n"
        )
        if not plugin.exists() or plugin.read_text() != text:
            plugin.write_text(text)
        plugin.chmod(0o755)


def _official_plugin(name: str, sdk: str) -> Path:
    binary = f"pulumi-resource-{name}"
    homes = [Path(os.environ.get("PULUMI_HOME", "~/.pulumi")).expanduser(), Path("~/.pulumi").expanduser()]
    for home in homes:
        cached = home / "plugins" / f"resource-{name}-v{sdk}" / binary
        if cached.exists():
            return cached
    if on_path := shutil.which(binary):
        return Path(on_path)
    raise SetupError(
        f"SANDBOX_OFFICIAL wants the official {name} plugin, which is in no plugin cache and not on PATH."
        f" Get it with: pulumi plugin install resource {name} {sdk}"
    )
