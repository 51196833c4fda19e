"""Commands on this computer: when they run, what is kept of them, what their failure leaves behind."""

from __future__ import annotations

from pathlib import Path

import pulumi
from pulumi_command import local

from tests.engine.trial import Program, Trial


def _commands(log: Path, *, fail: bool = False, text: str = "one") -> Program:
    """Three commands, one after another; each writes a line when it runs. The second can fail."""

    def program() -> None:
        first = local.Command("first", create=f"echo first {text} >> {log}", delete=f"echo -first >> {log}")
        broken = "echo going wrong >&2; exit 7" if fail else f"echo second >> {log}"
        second = local.Command("second", create=broken, opts=pulumi.ResourceOptions(depends_on=[first]))
        local.Command(
            "third", create=f"echo third >> {log}", opts=pulumi.ResourceOptions(depends_on=[second])
        )

    return program


def test_a_command_runs_once_and_not_again(trial: Trial, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert trial.up(_commands(log)) == {"create": 4}
    assert trial.up(_commands(log)) == {}
    assert trial.refresh() == {}

    assert log.read_text().split("\n") == ["first one", "second", "third", ""]


def test_a_failure_in_the_middle_keeps_what_was_created_and_the_next_update_goes_on(
    trial: Trial, tmp_path: Path
) -> None:
    log = tmp_path / "log"

    said = trial.failing_up(_commands(log, fail=True))

    assert "exit status 7" in said
    assert "going wrong" in said
    assert trial.resources() == ["first"]

    assert trial.up(_commands(log)) == {"create": 2}
    assert log.read_text().split() == ["first", "one", "second", "third"]


def test_a_changed_command_runs_again_in_place(trial: Trial, tmp_path: Path) -> None:
    log = tmp_path / "log"
    trial.up(_commands(log))

    assert trial.up(_commands(log, text="two")) == {"update": 1}
    assert log.read_text().split("\n")[3:] == ["first two", ""]


def test_destroying_runs_the_delete_command(trial: Trial, tmp_path: Path) -> None:
    log = tmp_path / "log"
    trial.up(_commands(log))

    trial.destroy()

    assert log.read_text().split()[-1] == "-first"


def test_a_changed_trigger_replaces_the_command(trial: Trial, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def triggered(revision: str) -> Program:
        return lambda: local.Command(
            "it", create=f"echo ran >> {log}", delete=f"echo gone >> {log}", triggers=[revision]
        )

    trial.up(triggered("1"))

    assert trial.up(triggered("2")) == {"replace": 1}
    assert log.read_text().split() == ["ran", "ran", "gone"]


def test_secrets_given_to_a_command_are_not_in_the_stored_state(trial: Trial) -> None:
    def program() -> None:
        secret = pulumi.Output.secret("hunter2-hunter2")
        command = local.Command(
            "it",
            create="wc -c; printf '%s' \"$WORD\" | wc -c",
            stdin=secret,
            environment={"WORD": secret},
        )
        pulumi.export("lengths", command.stdout)
        pulumi.export("stdin", command.stdin)

    trial.up(program)

    assert "hunter2" not in trial.engine.state()
    assert trial.outputs() == {"lengths": "15\n15", "stdin": "hunter2-hunter2"}


def test_the_previous_output_reaches_the_next_run(trial: Trial) -> None:
    def program(word: str) -> Program:
        def run() -> None:
            command = local.Command("it", create=f'echo "${{PULUMI_COMMAND_STDOUT}}{word}"')
            pulumi.export("said", command.stdout)

        return run

    trial.up(program("a"))
    trial.up(program("b"))

    assert trial.outputs() == {"said": "ab"}


def test_a_run_function_runs_at_each_preview_and_leaves_nothing_in_the_state(
    trial: Trial, tmp_path: Path
) -> None:
    log = tmp_path / "log"

    def program() -> None:
        pulumi.export("said", local.run_output(command=f"echo x >> {log}; wc -l < {log}").stdout)

    trial.preview(program)
    before = len(log.read_text())
    assert before > 0
    trial.up(program)

    assert len(log.read_text()) > before
    assert trial.resources() == []


def test_a_failing_run_function_fails_the_preview_with_its_output(trial: Trial) -> None:
    def program() -> None:
        pulumi.export("said", local.run_output(command="echo no such thing >&2; exit 3").stdout)

    said = trial.failing_preview(program)
    assert "exit status 3" in said
    assert "no such thing" in said
