from __future__ import annotations

import sys
from pathlib import Path

import pytest

from operations import tls_scan
from operations.finding import is_well
from operations.tls_scan import NotScannedError, Target, findings, main, understood, weaknesses
from tools.progress import SetupError

TARGET = Target("chat.example.com")


def test_no_weakness_is_one_good_line() -> None:
    told = list(findings(TARGET, []))
    assert is_well(told)
    assert [str(line) for line in told] == [
        "ok    chat.example.com: nothing weak, by Mozilla's profile `intermediate`"
    ]


def test_each_weakness_is_a_line() -> None:
    told = list(findings(TARGET, ["TLS 1.0", "RC4"]))
    assert [str(line) for line in told] == ["WRONG chat.example.com: TLS 1.0", "WRONG chat.example.com: RC4"]


def test_a_server_that_could_not_be_looked_at_is_not_a_good_one() -> None:
    with pytest.raises(NotScannedError, match="no answer"):
        understood('{"problem": "no answer"}', "")


@pytest.mark.parametrize("output", ["", "[]", "Traceback", '{"weaknesses": 1}'])
def test_a_scanner_that_broke_off_is_told_with_what_it_said(output: str) -> None:
    with pytest.raises(NotScannedError, match=r"(?s)broke off: .*ModuleNotFoundError"):
        understood(output, "Traceback\nModuleNotFoundError: sslyze")


def test_a_root_that_is_no_file_is_told_before_the_scanner_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(NotScannedError, match=r"ca\.pem: there is no such file"):
        weaknesses(Target("chat.example.com", root=tmp_path / "ca.pem"))


@pytest.mark.parametrize(("weak", "status"), [([], 0), (["RC4"], 1)])
def test_the_exit_status_says_whether_something_is_weak(
    weak: list[str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_scan, "weaknesses", lambda target: weak)
    monkeypatch.setattr(sys, "argv", ["tls_scan", "--host", "chat.example.com"])
    assert main() == status


@pytest.mark.parametrize("error", [NotScannedError("no answer"), SetupError("no network")])
def test_the_exit_status_says_that_nothing_is_known(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(target: Target) -> list[str]:
        raise error

    monkeypatch.setattr(tls_scan, "weaknesses", fail)
    monkeypatch.setattr(sys, "argv", ["tls_scan", "--host", "chat.example.com"])
    assert main() == 2
    assert f"could not look: {error}" in capsys.readouterr().err


def test_without_a_host_name_it_says_how_to_give_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tls_scan", "--host", ""])
    assert main() == 2
    assert "HOST=chat.example.com" in capsys.readouterr().err
