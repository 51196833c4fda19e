"""The header of variables in front of a bash script."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from components.host import bootstrap
from components.host.bootstrap import Bootstrap
from components.host.shell import with_variables

BOOTSTRAP = Bootstrap(
    user="homeport",
    swap=2048,
    docker="distribution",
    data_disk=20,
    boot_disk=10,
    host_key="ssh-ed25519 AAAAC3Nz",
)
AWKWARD = [
    "",
    "plain",
    "two words",
    "it's",
    'say "hello"',
    "'\"'\"'",
    "line one\nline two\n",
    "\n",
    "$(touch /nowhere) `false` $HOME ${x:?}",
    "back\\slash \\n \\",
    "semi; colon & pipe | star * tilde ~ bang !",
    "-n --help",
    "tab\tand bell\a",
    "grüße, мир",
    "EOF\nEOF",
    "#!/bin/sh",
]


def bash(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a shell of the project does: from standard input, with nothing in the environment."""
    return subprocess.run(
        ["bash", "-s"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )


@pytest.mark.parametrize("value", AWKWARD)
def test_a_value_reaches_the_script_as_it_is(value: str) -> None:
    script = with_variables(
        "#!/usr/bin/env bash\nset -euo pipefail\nprintf '%s' \"$VALUE\"\n", {"value": value}
    )
    done = bash(script)
    assert (done.returncode, done.stdout, done.stderr) == (0, value, "")


def test_values_do_not_run_into_each_other() -> None:
    script = with_variables('printf "<%s>" "$ONE" "$TWO"\n', {"one": "1'\n", "two": "'2"})
    assert bash(script).stdout == "<1'\n><'2>"


def test_the_interpreter_stays_in_the_first_line() -> None:
    script = with_variables("#!/usr/bin/env bash\n# What it does.\n", {"user_name": "ada"})
    assert script == "#!/usr/bin/env bash\nreadonly USER_NAME=ada\n# What it does.\n"


def test_a_script_without_an_interpreter_has_the_header_first() -> None:
    assert with_variables("true\n", {"a": "b c"}) == "readonly A='b c'\ntrue\n"


def test_a_script_cannot_change_its_variables() -> None:
    done = bash(with_variables('VALUE=2\nprintf "%s" "$VALUE"\n', {"value": "1"}))
    assert done.stdout == "1"
    assert "VALUE: readonly variable" in done.stderr


def test_the_bootstrap_is_told_everything_by_its_header() -> None:
    header = BOOTSTRAP.script.split("\n# Turns a fresh")[0]
    names = ("USER_NAME", "SWAP_MIB", "DATA_GB", "DATA_DEVICE", "DOCKER_SOURCE", "HOST_KEY")
    show = "\n".join(f'printf "%s\\n" "${name}"' for name in names)
    assert bash(f"{header}\n{show}").stdout.splitlines() == [
        "homeport",
        "2048",
        "20",
        "/dev/disk/by-id/google-data",
        "distribution",
        "ssh-ed25519 AAAAC3Nz",
    ]


def test_the_header_has_every_variable_that_the_scripts_comment_promises() -> None:
    header, rest = BOOTSTRAP.script.split("\n# Turns a fresh")
    promised = re.findall(r"^#   ([A-Z_]+)  ", rest, re.MULTILINE)
    assert sorted(promised) == sorted(re.findall(r"^readonly ([A-Z_]+)=", header, re.MULTILINE))


def test_the_bootstrap_knows_its_own_hash() -> None:
    header = BOOTSTRAP.script.split("\n# Turns a fresh")[0]
    assert bash(f'{header}\nprintf "%s" "$BOOTSTRAP_HASH"').stdout == BOOTSTRAP.hash


def test_the_bootstrap_is_a_script_that_bash_can_read() -> None:
    done = subprocess.run(["bash", "-n"], input=BOOTSTRAP.script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_same_bootstrap_has_the_same_hash() -> None:
    assert replace(BOOTSTRAP).hash == BOOTSTRAP.hash


@pytest.mark.parametrize(
    "changed",
    [
        replace(BOOTSTRAP, user="ada"),
        replace(BOOTSTRAP, swap=0),
        replace(BOOTSTRAP, docker="docker-ce"),
        replace(BOOTSTRAP, data_disk=30),
        replace(BOOTSTRAP, host_key="ssh-ed25519 AAAAother"),
    ],
    ids=["user", "swap", "docker", "data disk", "host key"],
)
def test_the_hash_changes_with_what_the_bootstrap_is_told(changed: Bootstrap) -> None:
    assert changed.hash != BOOTSTRAP.hash


def test_the_hash_changes_with_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = (Path(bootstrap.__file__).parent / "bootstrap.sh").read_text()
    before = BOOTSTRAP.hash
    (tmp_path / "bootstrap.sh").write_text(f"{shipped}# changed\n")
    monkeypatch.setattr(bootstrap, "_FOLDER", tmp_path)
    assert BOOTSTRAP.hash != before
