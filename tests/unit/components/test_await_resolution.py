"""What await_resolution.sh says about names, with a resolver that knows a few."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from components.host.shell import with_variables

SCRIPT = Path(__file__).parents[3] / "components" / "dns" / "await_resolution.sh"
OURS, THEIRS, IPV6 = "203.0.113.7", "198.51.100.1", "2001:db8::1"
_GETENT = """\
#!/bin/bash
# As glibc's: the alias behind an address, and addresses of the other kind where there is no AAAA record.
case $1 in
    ahostsv4)
        for a in $A; do echo "$a STREAM ${CNAME:-$2}"; echo "$a DGRAM  "; done
        [[ -n "$A" ]] || exit 2
        ;;
    hosts) for a in ${SIX:-$A}; do echo "$a       $2"; done; [[ -n "${SIX:-$A}" ]] || exit 2 ;;
esac
"""


def resolve(folder: Path, ipv6: str = "", **world: str) -> subprocess.CompletedProcess[str]:
    """Run the script, which gives up at once. The world has `A`, `SIX` for AAAA, and `CNAME`."""
    getent = folder / "getent"
    getent.write_text(_GETENT)
    getent.chmod(0o755)
    variables = {"address": OURS, "names": "chat.example.com", "wait": "0", "delegations": ""}
    if ipv6:
        variables["aaaa"] = ipv6
    return subprocess.run(
        ["bash", "-s"],
        input=with_variables(SCRIPT.read_text(), variables),
        env={"PATH": f"{folder}:{os.environ['PATH']}", "A": "", "SIX": "", "CNAME": "", **world},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def test_a_name_with_the_machines_address_alone_is_well(tmp_path: Path) -> None:
    ran = resolve(tmp_path, A=OURS)
    assert (ran.returncode, ran.stdout) == (0, f"chat.example.com resolves to {OURS}\n")


def test_an_alias_of_the_machines_address_is_well(tmp_path: Path) -> None:
    assert resolve(tmp_path, A=OURS, CNAME="machine.example.com").returncode == 0


def test_a_machine_with_ipv6_may_have_its_own_record(tmp_path: Path) -> None:
    assert resolve(tmp_path, ipv6=IPV6, A=OURS, SIX=IPV6).returncode == 0


def test_a_name_without_a_record_is_told_with_the_record_to_create(tmp_path: Path) -> None:
    ran = resolve(tmp_path)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"chat.example.com resolves to nothing, not to {OURS}, after 0 seconds.\n")
    assert f"Create the record 'chat.example.com. A {OURS}'" in ran.stderr


@pytest.mark.parametrize("own", ["", "2001:db8::7"])
def test_a_leftover_aaaa_record_is_told_with_what_to_do(tmp_path: Path, own: str) -> None:
    ran = resolve(tmp_path, ipv6=own, A=OURS, SIX=f"{own} {IPV6}".strip())
    assert ran.returncode == 1
    assert f"Delete the AAAA record 'chat.example.com. AAAA {IPV6}'" in ran.stderr
    assert "Create the record" not in ran.stderr


def test_a_second_address_is_told_as_the_one_to_delete(tmp_path: Path) -> None:
    ran = resolve(tmp_path, A=f"{THEIRS} {OURS}")
    assert ran.returncode == 1
    assert f"not to {OURS} alone, after" in ran.stderr
    assert f"Delete the A record 'chat.example.com. A {THEIRS}'" in ran.stderr
    assert "Create the record" not in ran.stderr


def test_an_alias_of_another_machine_is_told_with_its_name(tmp_path: Path) -> None:
    ran = resolve(tmp_path, A=THEIRS, CNAME="old.hoster.example")
    assert ran.returncode == 1
    assert "It is an alias (CNAME) of old.hoster.example: delete the CNAME record" in ran.stderr
    assert f"Create the record 'chat.example.com. A {OURS}'" in ran.stderr
