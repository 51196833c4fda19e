from __future__ import annotations

import re
from pathlib import Path

import pytest
from semver import VersionInfo

from tools import engine
from tools.engine import engine_on_path, is_suitable, parse_engine_version
from tools.go_program import GoProgram
from tools.progress import SetupError

SDK = VersionInfo(3, 259, 0)
TOOLS = Path(engine.__file__).parent


def fake_engine(folder: Path, version: str, *, language_host: bool = False) -> Path:
    """Write a `pulumi` that says this version."""
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / "pulumi"
    command.write_text(f"#!/bin/sh\necho {version}\n")
    command.chmod(0o755)
    if language_host:
        (folder / engine.LANGUAGE_HOST).touch()
    return command


@pytest.mark.parametrize("text", ["v3.259.0\n", "3.259.0"])
def test_an_engine_says_its_version_with_or_without_a_v(text: str) -> None:
    assert parse_engine_version(text) == SDK


@pytest.mark.parametrize(
    ("version", "suitable"),
    [("3.259.0", True), ("3.300.1", True), ("3.258.9", False), ("4.0.0", False), ("3.259.0-alpha.1", False)],
)
def test_an_engine_suits_if_it_is_as_new_as_the_sdk(version: str, suitable: bool) -> None:
    assert is_suitable(VersionInfo.parse(version), SDK) is suitable


def test_an_engine_that_does_not_say_its_version_does_not_suit() -> None:
    assert not is_suitable(parse_engine_version("pulumi: not found"), SDK)


def test_an_engine_on_path_is_used(tmp_path: Path) -> None:
    command = fake_engine(tmp_path, "v3.270.0")
    found = engine_on_path(SDK, path=str(tmp_path))
    assert found == engine.Engine(command, "v3.270.0", "PATH")


def test_an_old_engine_on_path_is_left_alone_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_engine(tmp_path, "v3.100.0")
    assert engine_on_path(SDK, path=str(tmp_path)) is None
    assert "is v3.100.0; not used, the SDK needs v3.259.0 or newer" in capsys.readouterr().err


def test_the_built_engine_is_of_the_sdks_version() -> None:
    pinned = re.findall(r"^\s*github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (TOOLS / "go.mod").read_text(), re.M)
    assert pinned == [str(engine.sdk_version())]


class Sources:
    """Stands in for the installer and the builds; keeps what was asked for, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.installer_works = False
        self.built_version = str(engine.sdk_version())

    def installer(self, root: Path) -> bool:
        self.asked.append("installer")
        if self.installer_works:
            fake_engine(root / "bin", f"v{engine.sdk_version()}", language_host=True)
        return self.installer_works

    def build(self, _program: GoProgram, into: Path) -> Path:
        self.asked.append("build")
        return fake_engine(into, f"v{self.built_version}")

    def language_host(self, folder: Path) -> None:
        self.asked.append("language host")
        (folder / engine.LANGUAGE_HOST).touch()


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """A machine with an empty cache and no engine on PATH."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(engine, "engine_on_path", lambda _sdk: None)
    stand_ins = Sources()
    monkeypatch.setattr(engine, "_run_installer", stand_ins.installer)
    monkeypatch.setattr(engine, "build", stand_ins.build)
    monkeypatch.setattr(engine, "_build_language_host", stand_ins.language_host)
    return stand_ins


def cached() -> Path:
    return engine.cached_engine(engine.sdk_version())


def test_a_cached_engine_is_used_as_it_is(sources: Sources) -> None:
    fake_engine(cached().parent, "v3.259.0", language_host=True)
    assert engine.find_engine() == cached()
    assert sources.asked == []


def test_the_installer_is_preferred_to_a_build(sources: Sources) -> None:
    sources.installer_works = True
    assert engine.find_engine() == cached()
    assert sources.asked == ["installer"]


def test_without_the_installer_engine_and_language_host_are_built(sources: Sources) -> None:
    assert engine.find_engine().exists()
    assert sources.asked == ["installer", "build", "language host"]


def test_a_cached_engine_without_its_language_host_gets_one(sources: Sources) -> None:
    fake_engine(cached().parent, "v3.259.0")
    engine.find_engine()
    assert sources.asked == ["language host"]


def test_a_build_that_fails_leaves_nothing_behind(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_program: GoProgram, into: Path) -> Path:
        into.mkdir(parents=True)
        (into / "half").touch()
        raise SetupError("no space")

    monkeypatch.setattr(engine, "build", fail)
    with pytest.raises(SetupError, match="no space"):
        engine.find_engine()
    left = [path.name for path in cached().parent.parent.parent.iterdir()]
    assert left == ["engine.lock"]


def test_an_engine_of_another_version_than_asked_for_is_refused(sources: Sources) -> None:
    sources.built_version = "3.1.0"
    with pytest.raises(SetupError, match=r"asked for v3\.259\.0, got 3\.1\.0"):
        engine.find_engine()
    assert not cached().exists()
