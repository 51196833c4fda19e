"""Ctrl-C in an update: the engine finishes what is under way, and nothing is left that nobody knows."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.killed_update import wait_until
from tests.engine.test_faults import Chain
from tests.engine.trial import Trial
from tools.interruptible import interruptible


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """Three commands, the second of which waits."""
    return Chain(tmp_path)


def _update(directory: Path, stack: str, world: Path, chain: Chain) -> None:
    # A shell's background job, as these tests may be, ignores Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    trial = Trial(directory, stack, world)
    sys.exit(interruptible(lambda: len(trial.up(chain)) * 0))


def interrupted(trial: Trial, chain: Chain, number: int, after: Callable[[], None]) -> int | None:
    """Update in another process, send a signal while the second command runs, call `after`; its status."""
    arguments = (trial.engine.directory, trial.engine.project.stack, trial.world, chain)
    process = multiprocessing.get_context("spawn").Process(target=_update, args=arguments)
    process.start()
    wait_until(lambda: chain.lines("second") != [] or not process.is_alive())
    os.kill(process.pid or 0, number)
    after()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def pending(trial: Trial) -> list[object]:
    """Operations that the state says were under way when the engine ended."""
    latest = json.loads(trial.engine.state())["checkpoint"]["latest"]
    found: list[object] = latest.get("pending_operations") or []
    return found


def locks(trial: Trial) -> list[Path]:
    """Locks on any stack of this backend."""
    return list((trial.engine.directory / "state" / ".pulumi" / "locks").rglob("*.json"))


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_update_finishes_what_is_under_way_and_begins_no_more(
    trial: Trial, chain: Chain, number: int, status: int
) -> None:
    assert interrupted(trial, chain, number, chain.open) == status
    assert trial.resources() == ["first", "second"]
    assert chain.lines("third") == []
    assert (pending(trial), locks(trial)) == ([], [])


def test_the_next_update_goes_on_from_there(trial: Trial, chain: Chain) -> None:
    interrupted(trial, chain, signal.SIGINT, chain.open)
    assert trial.up(chain)["create"] == 1
    assert trial.outputs() == {"all": "123"}
    assert [len(chain.lines(name)) for name in ("first", "second", "third")] == [1, 1, 1]


def test_a_lock_of_an_engine_that_is_gone_is_released(trial: Trial, chain: Chain) -> None:
    trial.up(lambda: None)
    folder = trial.engine.directory / "state" / ".pulumi" / "locks" / "organization" / "homeport"
    lock = folder / trial.engine.project.stack / "of-a-dead-engine.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    # No process has this number: it is the largest one plus one.
    lock.write_text(json.dumps({"pid": int(Path("/proc/sys/kernel/pid_max").read_text()) + 1}))
    trial.engine.release_stale_locks()
    assert trial.up(lambda: None) == {}


def test_a_lock_of_an_engine_that_runs_stays(trial: Trial) -> None:
    trial.up(lambda: None)
    folder = trial.engine.directory / "state" / ".pulumi" / "locks" / "organization" / "homeport"
    lock = folder / trial.engine.project.stack / "of-a-living-engine.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": os.getpid()}))
    trial.engine.release_stale_locks()
    assert lock.exists()
    lock.unlink()
