from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bench.timeline import bootstrap_steps, stages

LOG = """\
2026-01-02T03:04:10Z login: start
    2026-01-01T00:00:00Z printed by a step: start
2026-01-02T03:04:11Z login: done
2026-01-02T03:04:13Z docker: start
    Docker 20.10
2026-01-02T03:04:20Z docker: done
2026-01-02T03:04:21Z ready: 0123abcd
2026-01-02T04:00:00Z login: start
2026-01-02T04:00:09Z ready: 0123abcd
"""
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()
SPANS = {
    "gcp:compute/network:Network n": (START + 1, START + 2),
    "gcp:compute/instance:Instance n": (START + 3, START + 4),
    "docker:index/container:Container nginx": (START + 20, START + 25),
    "docker:index/container:Container chat": (START + 25, START + 30),
    "command:remote:Command chat-https": (START + 30, START + 39),
}


def test_a_second_run_of_the_bootstrap_does_not_count() -> None:
    assert bootstrap_steps(LOG)["ready"] == START + 16


def test_what_a_step_prints_is_no_step() -> None:
    assert set(bootstrap_steps(LOG)) == {
        "login: start",
        "login: done",
        "docker: start",
        "docker: done",
        "ready",
    }


def test_every_second_is_in_one_stage() -> None:
    assert stages(START, START + 40, SPANS, LOG).whole == pytest.approx(40)


@pytest.mark.parametrize(
    ("stage", "seconds"),
    [("before", 3), ("boot", 2), ("bootstrap", 4), ("docker", 7), ("containers", 14), ("certificate", 10)],
)
def test_a_stage_lasts_from_the_end_of_the_one_before(stage: str, seconds: float) -> None:
    assert getattr(stages(START, START + 40, SPANS, LOG), stage) == pytest.approx(seconds)


def test_a_bootstrap_that_was_never_ready_is_an_error() -> None:
    with pytest.raises(KeyError, match="ready"):
        stages(START, START + 40, SPANS, LOG.split("2026-01-02T03:04:21Z", maxsplit=1)[0])
