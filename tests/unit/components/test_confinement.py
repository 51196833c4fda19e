"""What a container may do, as a value."""

from __future__ import annotations

from typing import Any

import pytest

from components.confinement import Confinement, MemoryFolder

USER = "1000:1000"


def test_left_alone_it_has_nothing_and_no_reasons() -> None:
    confinement = Confinement(user=USER)
    assert confinement.read_only
    assert confinement.labels == {}
    assert confinement.tmpfs == {}


def test_each_reason_is_a_label() -> None:
    confinement = Confinement(root="a socket", writable="a file")
    assert not confinement.read_only
    assert confinement.labels == {"homeport.root": "a socket", "homeport.writable": "a file"}


def test_a_folder_in_memory_has_a_limit_an_owner_and_a_mode() -> None:
    folder = MemoryFolder("/run/it", size=2, owner="5:6", mode="0700")
    assert Confinement(user=USER, memory_folders=(folder,)).tmpfs == {
        "/run/it": "size=2m,uid=5,gid=6,mode=0700"
    }


def test_docker_run_is_told_the_same() -> None:
    confinement = Confinement(
        user=USER,
        capabilities=("CAP_CHOWN",),
        memory_folders=(MemoryFolder("/run", size=1),),
        scratch=("/tmp",),
    )
    assert confinement.options == (
        *("--security-opt", "no-new-privileges:true", "--cap-drop", "ALL", "--cap-add", "CAP_CHOWN"),
        *("--user", USER, "--read-only", "--tmpfs", "/run:size=1m,uid=0,gid=0,mode=1777", "--volume", "/tmp"),
    )


def test_docker_run_is_told_no_user_and_may_write_where_there_are_reasons() -> None:
    options = Confinement(root="why", writable="why").options
    assert options == ("--security-opt", "no-new-privileges:true", "--cap-drop", "ALL")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"user": USER, "root": "why"},
        {"user": "0:0"},
        {"user": "1000"},
        {"user": "postgres"},
        {"user": USER, "capabilities": ("CHOWN",)},
        {"user": USER, "capabilities": ("ALL",)},
    ],
)
def test_what_contradicts_itself_or_would_not_stay_as_it_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not"):
        Confinement(**wrong)
