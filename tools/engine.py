"""Finds the Pulumi engine (the `pulumi` command), or gets it: installer first, else a build with Go.

In this order:

1. `pulumi` on PATH, if it is of major version 3 and not older than the installed Python SDK. An SDK asks its
   engine for what engines of its own release can do; Pulumi tests it against that one and newer. The
   Automation API itself would accept 3.1, and then fail at the first feature that is missing.
2. The one in the cache: `~/.cache/homeport/engine/v<version>/bin/pulumi`.
3. Pulumi's own installer, through the Automation API, in the SDK's version.
4. A build from `tools/go.mod`, for machines that reach a Go module proxy but not the installer's site.
   Such an engine also gets a Python language host, so that plain `pulumi up` works with it.

Command line: `python -m tools.engine` prints the path.
"""

from __future__ import annotations

import importlib.metadata
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from semver import VersionInfo

from tools.cache import cache_directory, locked
from tools.go import find_go
from tools.go_program import GoProgram, build
from tools.prerequisites import MIB, check_disk, check_memory
from tools.progress import SetupError, StepFailedError, run, say, step
from tools.tls_contexts import browser_context

INSTALLER = "https://get.pulumi.com/"
"""Where the Automation API's `PulumiCommand.install` gets its script and the archive from."""

REACH_SECONDS = 5.0
"""How long the installer's site may take to answer at all."""

INSTALL_SECONDS = 300.0
"""How long the installer may take; its archive is about 150 MB."""

BUILD_DISK_MIB = 4096
"""What the build takes: Go's caches, the modules and what is compiled; measured."""

BUILD_MEMORY_MIB = 1800
"""What the compiler and the linker take at most, two at a time; measured."""

LANGUAGE_HOST = "pulumi-language-python"

LANGUAGE_HOST_PROGRAM = GoProgram(
    title="Pulumi's Python language host",
    module="language-host",
    package="github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python",
    expect="once; about 40 seconds",
)
"""The last release whose module still holds the language host is 3.79; it serves newer engines.

It ignores `runtime.options.virtualenv`: the environment's `bin` must come first on PATH.
"""


@dataclass(frozen=True)
class Engine:
    """An engine that was found: its command, its version, and where it came from."""

    command: Path
    version: str
    origin: str


def sdk_version() -> VersionInfo:
    """Return the version of the installed Pulumi SDK, which is the engine's as well."""
    return VersionInfo.parse(importlib.metadata.version("pulumi"))


def engine_program(version: VersionInfo) -> GoProgram:
    """Return how to build the engine; without the linked-in version the Automation API cannot parse it."""
    return GoProgram(
        title=f"Pulumi engine v{version}",
        module=".",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        expect="once; about 4 minutes on 2 cores, 1.8 GB of memory, 4 GB of disk",
        variables=(("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", f"v{version}"),),
        disk_bytes=BUILD_DISK_MIB * MIB,
    )


def parse_engine_version(text: str) -> VersionInfo | None:
    """Return the version in what `pulumi version` prints ("v3.259.0"), None if there is none."""
    try:
        return VersionInfo.parse(text.strip().removeprefix("v"))
    except ValueError:
        return None


def version_of(command: Path) -> VersionInfo | None:
    """Ask an engine for its version; None if it does not run."""
    try:
        answer = subprocess.run(
            [str(command), "version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_engine_version(answer.stdout) if answer.returncode == 0 else None


def is_suitable(found: VersionInfo | None, sdk: VersionInfo) -> bool:
    """Say whether an engine of this version can serve this SDK."""
    return found is not None and found.major == sdk.major and found >= sdk


def engine_on_path(sdk: VersionInfo, path: str | None = None) -> Engine | None:
    """Return the suitable engine on PATH, or None."""
    named = shutil.which("pulumi", path=path)
    if named is None:
        return None
    found = version_of(Path(named))
    if not is_suitable(found, sdk):
        shown = f"v{found}" if found else "of no known version"
        say(f"Pulumi engine: {named} is {shown}; not used, the SDK needs v{sdk} or newer")
        return None
    return Engine(Path(named), f"v{found}", "PATH")


def cached_engine(version: VersionInfo, cache: Path | None = None) -> Path:
    """Return where the cache keeps the engine of this version, whether it is there or not."""
    return (cache or cache_directory()) / "engine" / f"v{version}" / "bin" / "pulumi"


def engine_of_sudo_user(version: VersionInfo, environment: Mapping[str, str] = os.environ) -> Engine | None:
    """Return the engine in the cache of the user who called `sudo`: another one would take minutes."""
    user = environment.get("SUDO_USER", "")
    if os.geteuid() != 0 or user in {"", "root"}:
        return None
    try:
        home = Path(pwd.getpwnam(user).pw_dir)
    except KeyError:
        return None
    command = cached_engine(version, cache_directory({}, home))
    is_whole = command.exists() and command.with_name(LANGUAGE_HOST).exists()
    return Engine(command, f"v{version}", f"cache of {user}") if is_whole else None


def is_missing() -> bool:
    """Say whether an engine has to be got, which may take minutes."""
    sdk = sdk_version()
    return not (cached_engine(sdk).exists() or engine_of_sudo_user(sdk) or engine_on_path(sdk))


def check_room() -> None:
    """Look whether the engine can be built, if it has to be: without the installer's site that takes most.

    Raises:
        SetupError: There is too little disk or memory.
    """
    if not is_missing():
        return
    program = engine_program(sdk_version())
    try:
        check_disk(cache_directory(), BUILD_DISK_MIB, f"{program.title}: the build")
        check_memory(BUILD_MEMORY_MIB, f"{program.title}: the build")
    except SetupError:
        if not is_reachable(INSTALLER):
            raise


def get_engine() -> Engine:
    """Return an engine; get one if there is none.

    Raises:
        SetupError: None was found, none could be installed, none could be built.
    """
    sdk = sdk_version()
    found = engine_on_path(sdk) or engine_of_sudo_user(sdk)
    if found:
        return found
    command = cached_engine(sdk)
    if not (command.exists() and command.with_name(LANGUAGE_HOST).exists()):
        with locked(cache_directory() / "engine" / "engine.lock"):
            if not command.exists():
                _place(command.parent.parent, sdk)
            if not command.with_name(LANGUAGE_HOST).exists():
                _build_language_host(command.parent)
    return Engine(command, f"v{sdk}", "cache")


def find_engine() -> Path:
    """Return the path of the `pulumi` command; get it if there is none. See `get_engine`."""
    return get_engine().command


def _place(home: Path, version: VersionInfo) -> None:
    """Put an engine into `home`, whole or not at all."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".new-") as folder:
        staging = Path(folder, "engine")
        if not _run_installer(staging):
            shutil.rmtree(staging, ignore_errors=True)
            build(engine_program(version), staging / "bin")
        found = version_of(staging / "bin" / "pulumi")
        if found != version:
            raise SetupError(f"Pulumi engine: asked for v{version}, got {found}.")
        shutil.rmtree(home, ignore_errors=True)
        staging.rename(home)


def is_reachable(url: str, seconds: float = REACH_SECONDS) -> bool:
    """Say whether a web server answers at all, in the time given."""
    answers: list[bool] = []

    def ask() -> None:
        try:
            # A refusal by a proxy in between, an HTTPError and so an OSError, is no way to the server either.
            request = urllib.request.Request(url, method="HEAD")
            with urllib.request.urlopen(request, timeout=seconds, context=browser_context()):
                answers.append(True)
        except (OSError, ValueError):
            answers.append(False)

    # A thread, since the time limit of a request does not cover the look-up of its host name.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return answers == [True]


def _run_installer(root: Path) -> bool:
    """Run Pulumi's installer into `root`; False if its site cannot be reached or it fails."""
    with step("Pulumi engine: look for the installer's site"):
        reachable = is_reachable(INSTALLER)
    if not reachable:
        say("Pulumi engine: its installer's site cannot be reached; building the engine instead")
        return False
    try:
        run(
            "Pulumi engine: official installer",
            [sys.executable, "-m", "tools.official_installer", root],
            log=cache_directory() / "log" / "pulumi-installer.log",
            expect="once; about 150 MB",
            cwd=Path(__file__).resolve().parent.parent,
            limit=INSTALL_SECONDS,
        )
    except StepFailedError as error:
        say(f"{error}\nPulumi engine: building it instead")
        return False
    return True


def _build_language_host(folder: Path) -> None:
    """Build the language host and put it beside the engine; its exec script lies in the module as it is."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as staging:
        built = build(LANGUAGE_HOST_PROGRAM, Path(staging))
        module = subprocess.run(
            [
                str(find_go()),
                "list",
                "-mod=readonly",
                "-m",
                "-f",
                "{{.Dir}}",
                "github.com/pulumi/pulumi/sdk/v3",
            ],
            cwd=LANGUAGE_HOST_PROGRAM.directory,
            capture_output=True,
            text=True,
            check=True,
        )
        script = Path(staging, f"{LANGUAGE_HOST}-exec")
        shutil.copyfile(Path(module.stdout.strip(), "python", "cmd", script.name), script)
        script.chmod(0o755)
        script.replace(folder / script.name)
        # Last, since its presence says that both are there.
        built.replace(folder / LANGUAGE_HOST)


def main() -> int:
    """Print the engine's path."""
    try:
        print(find_engine())
    except SetupError as error:
        say(f"setup: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
