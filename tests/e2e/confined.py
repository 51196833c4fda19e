"""What the kernel lets a running container do, as the machine sees it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.deployed import Deployed

_NAMES = {
    0: "CHOWN",
    1: "DAC_OVERRIDE",
    3: "FOWNER",
    5: "KILL",
    6: "SETGID",
    7: "SETUID",
    10: "NET_BIND_SERVICE",
}
"""Numbers of linux/capability.h. One without a name here is shown as its number."""


@dataclass(frozen=True)
class Confined:
    """A container's first process, and where its container can be written."""

    user: int
    capabilities: frozenset[str]
    """That it has."""
    writable: frozenset[str]
    """Mounts but those of /proc, /sys and /dev, which Docker makes; where it is `/`, no other is told."""
    bound: frozenset[str]
    """Capabilities that anything in the container could have."""
    gains: bool
    """Whether a program could have more than who starts it."""


def confined(deployed: Deployed, container: str) -> Confined:
    """Of a running container, by its id or name."""
    process = deployed.docker("inspect", "--format", "{{.State.Pid}}", container)
    status = dict(
        line.split(":", 1)
        for line in deployed.on_machine("cat", f"/proc/{process}/status").output.splitlines()
    )
    mounts = [
        line.split() for line in deployed.on_machine("cat", f"/proc/{process}/mountinfo").output.splitlines()
    ]
    paths = {mount[4] for mount in mounts if "rw" in mount[5].split(",")}
    assert mounts
    return Confined(
        user=int(status["Uid"].split()[0]),
        capabilities=_capabilities(status["CapEff"]),
        writable=frozenset({"/"} if "/" in paths else {path for path in paths if not _dockers(path)}),
        bound=_capabilities(status["CapBnd"]),
        gains=status["NoNewPrivs"].strip() != "1",
    )


def _capabilities(mask: str) -> frozenset[str]:
    bits = int(mask, 16)
    return frozenset(_NAMES.get(bit, str(bit)) for bit in range(bits.bit_length()) if bits >> bit & 1)


def _dockers(path: str) -> bool:
    return path.split("/")[1] in {"proc", "sys", "dev"}


def expected(user: int, *writable: str, capabilities: frozenset[str] = frozenset()) -> Confined:
    """One that has these capabilities and can get no other."""
    return Confined(user, capabilities, frozenset(writable), capabilities, gains=False)
