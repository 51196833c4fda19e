"""A network's firewall rules as iptables rules of one machine. Pure.

In the table mangle, before Docker's own address translation: a port that a container publishes is closed
like any other until a rule opens it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sandbox.cloud import Entry

CHAIN = "CLOUD-INGRESS"


def firewall_rules(tags: Sequence[str], rules: Mapping[str, Entry], network: str, metadata: str) -> str:
    """Input for `iptables-restore --noflush`: everything that no rule allows is dropped."""
    lines = [
        "*mangle",
        f":{CHAIN} - [0:0]",
        f"-A {CHAIN} ! -i eth0 -j RETURN",
        f"-A {CHAIN} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN",
        f"-A {CHAIN} -s {metadata}/32 -j RETURN",
    ]
    for name in sorted(rules):
        rule = rules[name]
        if rule.get("network") == network and _applies(rule, tags):
            lines += [f"-A {CHAIN} {match} -j RETURN" for match in _matches(rule)]
    return "\n".join([*lines, f"-A {CHAIN} -j DROP", "COMMIT", ""])


def _applies(rule: Entry, tags: Sequence[str]) -> bool:
    targets = rule.get("targetTags")
    if rule.get("disabled") is True or rule.get("direction", "INGRESS") != "INGRESS":
        return False
    return not targets or (isinstance(targets, list) and any(tag in tags for tag in targets))


def _matches(rule: Entry) -> Iterator[str]:
    sources = rule.get("sourceRanges") or ["0.0.0.0/0"]
    allows = rule.get("allows") or []
    if not isinstance(sources, list) or not isinstance(allows, list):
        return
    for source in sources:
        for allow in allows:
            if not isinstance(allow, dict):
                continue
            protocol, ports = str(allow["protocol"]), allow.get("ports") or []
            if not isinstance(ports, list) or not ports:
                yield f"-s {source} -p {protocol}"
                continue
            for port in ports:
                yield f"-s {source} -p {protocol} --dport {str(port).replace('-', ':')}"
