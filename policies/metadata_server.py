"""Whether a startup script keeps containers from the metadata server."""

from __future__ import annotations

import re

ADDRESS = "169.254.169.254"
_HOOKS = ("FORWARD", "PREROUTING", "DOCKER-USER")
"""Chains of the kernel and of Docker that what a container sends goes through."""
_NAMED = re.compile(
    rf"^\s*(?:readonly |export |declare -r |local )?(\w+)=[\"']?{re.escape(ADDRESS)}[\"']?\s*$", re.M
)
_RULE = re.compile(r"-[AI]\s+(\S+)\s+([^\n;&|]*?)-j\s+([\w-]+)")


def closes_metadata(script: str) -> bool:
    """Whether its iptables rules drop what goes to the metadata server; DNS, on port 53, may pass."""
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines)
    for name in _NAMED.findall(text):
        text = re.sub(rf"\$(?:{name}\b|\{{{name}\}})", ADDRESS, text)
    closed, opened = set(), set()
    jumps: list[tuple[str, str]] = []
    for chain, match, target in _RULE.findall(text):
        about = ADDRESS in match
        narrow = "--dport" in match
        if about and target in {"DROP", "REJECT"} and not narrow and chain not in opened:
            closed.add(chain)
        elif target in {"ACCEPT", "RETURN"} and (about or not match.strip()) and "--dport 53" not in match:
            if chain not in closed:
                opened.add(chain)
        elif not match.strip() or about:
            jumps.append((chain, target))
    return any(
        chain in _HOOKS or any(jump == (hook, chain) for jump in jumps for hook in _HOOKS) for chain in closed
    )
