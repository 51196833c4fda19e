"""A Docker engine on this machine: the one that answers, else Debian's or Ubuntu's, installed and started.

An engine that is started here stays when `make` ends: containers of a sandbox live in it, and stopping it is
the user's decision.

Command line: `python -m tools.docker_engine` prints the endpoint, as DOCKER_HOST takes it.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from tools import os_packages
from tools.cache import cache_directory, locked
from tools.progress import SetupError, run, say, step, tail

DEFAULT_ENDPOINT = "unix:///var/run/docker.sock"

START_SECONDS = 90.0
"""How long an engine may take from its start to its first answer."""

ANSWER_SECONDS = 10.0
"""How long an engine may take to say its version."""

PID_FILES = {
    Path("/var/run/docker.pid"): "dockerd",
    Path("/var/run/docker/containerd/containerd.pid"): "containerd",
}
"""Files that make dockerd believe that it, or its containerd, runs already, and the process they speak of.

dockerd 20.10 only asks whether a process of that number exists; after a reboot that may be any process.
"""


@dataclass(frozen=True)
class Answer:
    """What an endpoint said: a version, or why there is none."""

    version: str = ""
    error: str = ""


@dataclass(frozen=True)
class Situation:
    """All that the decision depends on."""

    endpoint: str
    answer: Answer
    can_install: bool
    is_root: bool
    daemon: str | None
    missing: tuple[str, ...] = ()

    @property
    def is_chosen(self) -> bool:
        """Whether somebody chose this endpoint: such an engine is theirs to start."""
        return self.endpoint != DEFAULT_ENDPOINT


class Action(Enum):
    """What is to be done about the Docker engine."""

    USE = auto()
    START = auto()
    INSTALL = auto()
    EXPLAIN = auto()


def decide(now: Situation) -> Action:
    """Choose what to do; nothing is installed for an endpoint that somebody chose."""
    if now.answer.version:
        return Action.USE
    if now.is_chosen:
        return Action.EXPLAIN
    if now.daemon is not None and now.is_root:
        return Action.START
    return Action.INSTALL if now.can_install and now.daemon is None else Action.EXPLAIN


def explain(now: Situation) -> str:
    """Return in one line what is wrong with the Docker engine, and below it the command that helps."""
    if now.is_chosen:
        return (
            f"No Docker engine answers at {now.endpoint} ({now.answer.error}).\n"
            "       DOCKER_HOST or Docker's context names that endpoint: start its engine, or unset them."
        )
    if "permission denied" in now.answer.error.lower():
        also = f"{os_packages.command(now.missing)} && " if now.missing else ""
        return (
            "This user may not talk to the Docker engine; members of the group docker (as good as root) may."
            f'\n       {also}sudo usermod -aG docker "$USER"   # then log out and in again'
        )
    if now.daemon is not None:
        also = f"{os_packages.command(now.missing)} && " if now.missing else ""
        return f"The Docker engine is installed but does not run.\n       {also}sudo systemctl start docker"
    join = "" if now.is_root else ' && sudo usermod -aG docker "$USER"   # then log out and in again'
    return (
        "Homeport's sandbox needs a Docker engine on this machine, and none was found.\n"
        f"       {os_packages.explain(['docker.io', *now.missing])}{join}\n"
        "       Elsewhere: https://docs.docker.com/engine/install/"
    )


def endpoint(environment: dict[str, str] | None = None) -> str:
    """Return where Docker's own client looks: DOCKER_HOST, else its current context, else the default."""
    variables = os.environ if environment is None else environment
    if variables.get("DOCKER_HOST"):
        return variables["DOCKER_HOST"]
    if os_packages.find_command("docker") is None:
        return DEFAULT_ENDPOINT
    shown = subprocess.run(
        ["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip() or DEFAULT_ENDPOINT


class _Local(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(where: str) -> Answer:
    """Ask an endpoint for the engine's version. It is asked before any package of Python's is here."""
    if where.startswith("ssh://"):
        return Answer(error="the sandbox needs an engine that shares this machine's files, not one over ssh")
    try:
        if where.startswith("unix://"):
            connection = _Local(where.removeprefix("unix://"), ANSWER_SECONDS)
            try:
                connection.request("GET", "/version")
                return Answer(version=str(json.loads(connection.getresponse().read())["Version"]))
            finally:
                connection.close()
        # The client knows its certificates, and whether the endpoint wants them.
        told = subprocess.run(
            ["docker", "--host", where, "version", "--format", "{{.Server.Version}}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=ANSWER_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Answer(error=f"no answer within {ANSWER_SECONDS:.0f} s")
    except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
        return Answer(error=str(error))
    return Answer(version=told.stdout.strip(), error=told.stderr.strip())


def look() -> Situation:
    """Look at this machine."""
    where = endpoint()
    return Situation(
        endpoint=where,
        answer=ask(where),
        can_install=os_packages.can_install(),
        is_root=os.geteuid() == 0,
        daemon=os_packages.find_command("dockerd"),
        missing=tuple(os_packages.missing_packages()),
    )


def get_docker_engine() -> Answer:
    """Return the version of a running engine on this machine; install and start one if need be.

    The operating system's packages that the sandbox needs are installed on the way.

    Raises:
        SetupError: There is none and it could not be installed or started; says what to do.
    """
    now = look()
    action = decide(now)
    check(now)
    if action is not Action.USE or now.missing:
        with locked(cache_directory() / "docker.lock"):
            now = look()
            action = decide(now)
            if packages := to_install(now):
                os_packages.install(packages)
                now = look()
                action = decide(now)
            if action is Action.START and now.daemon is not None:
                start(now.daemon)
                now = look()
                action = decide(now)
    if action is not Action.USE:
        raise SetupError(explain(now))
    check(now)
    return now.answer


def to_install(now: Situation) -> list[str]:
    """Return the packages that will be installed: none by a user who cannot."""
    engine = ["docker.io"] if decide(now) is Action.INSTALL else []
    return [*engine, *now.missing] if now.can_install else []


def check(now: Situation) -> None:
    """Say before anything long begins what will be missing in the end.

    Raises:
        SetupError: No engine answers, or packages are missing, and nothing here can install or start them.
    """
    if decide(now) is Action.EXPLAIN:
        raise SetupError(explain(now))
    if now.missing and not now.can_install:
        names = ", ".join(now.missing)
        raise SetupError(f"The sandbox needs {names}.\n       {os_packages.explain(now.missing)}")


def start(daemon: str) -> None:
    """Start the engine: by systemd where that runs, else as a process of its own in the background.

    Raises:
        SetupError: It ended, or did not answer in time; the message ends with its log.
    """
    if Path("/run/systemd/system").is_dir():
        start_by_systemd()
        return
    if any(is_process(pid_file, name) for pid_file, name in PID_FILES.items() if name == "dockerd"):
        wait_until_it_answers(ended=lambda: False, log=Path("/var/log/docker.log"))
        return
    remove_stale(PID_FILES)
    log = cache_directory() / "log" / "dockerd.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        # A session of its own: neither the end of make nor a closed terminal takes it along.
        process = subprocess.Popen(
            [daemon],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    wait_until_it_answers(ended=lambda: process.poll() is not None, log=log)
    say(f"Docker engine: started as process {process.pid}; it keeps running. Its log: {log}")


def start_by_systemd(log: Path | None = None) -> None:
    """Start it as systemd's unit. Raises `SetupError` that ends with what dockerd said last."""
    log = log or cache_directory() / "log" / "docker-start.log"
    begun = int(time.time())
    try:
        run("Docker engine: systemctl start docker", ["systemctl", "start", "docker"], log=log)
        wait_until_it_answers(ended=lambda: False, log=log)
    except SetupError as error:
        # systemctl itself only says where to look.
        raise SetupError(f"{str(error).splitlines()[0]}\n{last_words(since=begun)}") from None


def last_words(since: int, lines: int = 10) -> str:
    """Return what dockerd said last, by systemd's journal; else what systemd says of its unit.

    Args:
        since: Seconds since 1970 at which the attempt began; what an earlier engine said is of no use.
        lines: How many, at most.
    """
    journal = [
        "journalctl",
        "--unit",
        "docker.service",
        "--lines",
        str(lines),
        "--output",
        "cat",
        "--no-pager",
        f"--since=@{since}",
    ]
    asked = ([*journal, "_COMM=dockerd"], journal, ["systemctl", "status", "--no-pager", "--full", "docker"])
    for command in asked:
        try:
            told = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        said = [line for line in told.stdout.splitlines() if line.strip() and not line.startswith("-- ")]
        if said:
            return "  Its last lines:\n" + "\n".join(f"    {line}" for line in said[-lines:])
    return "  It left no line in the journal: journalctl --unit docker.service"


def is_process(pid_file: Path, name: str, proc: Path = Path("/proc")) -> bool:
    """Say whether the process that a pid file speaks of lives and has this name."""
    try:
        return (proc / str(int(pid_file.read_text())) / "comm").read_text().strip() == name
    except (OSError, ValueError):
        return False


def remove_stale(pid_files: dict[Path, str], proc: Path = Path("/proc")) -> None:
    """Remove pid files whose process is gone or another program by now; sockets dockerd replaces itself."""
    for pid_file, name in pid_files.items():
        if pid_file.exists() and not is_process(pid_file, name, proc):
            say(f"Docker engine: {pid_file} is left over from an engine that is gone; removed")
            pid_file.unlink()


def wait_until_it_answers(
    ended: Callable[[], bool],
    log: Path,
    limit: float = START_SECONDS,
    answers: Callable[[], Answer] = lambda: ask(DEFAULT_ENDPOINT),
    pause: float = 0.5,
) -> None:
    """Wait for an engine that was started.

    Raises:
        SetupError: `ended` says that it is gone, or `limit` seconds passed.
    """
    deadline = time.monotonic() + limit
    with step("Docker engine: start", expect="a few seconds"):
        while not (answer := answers()).version:
            if ended():
                raise SetupError(f"The Docker engine ended right after its start.\n{tail(log)}")
            if time.monotonic() > deadline:
                raise SetupError(
                    f"The Docker engine did not answer within {limit:.0f} s ({answer.error}).\n{tail(log)}"
                )
            time.sleep(pause)


def main() -> int:
    """Print the endpoint of the engine that is used."""
    print(endpoint())
    return 0


if __name__ == "__main__":
    sys.exit(main())
