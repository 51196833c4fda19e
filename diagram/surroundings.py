"""What is around the containers: the machine, its disk and firewall, names, and who is outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from diagram.answers import STATIC_ADDRESS, UNKNOWN
from diagram.containers import MACHINE, Container, Containers, port_label
from diagram.graph import Group, Node, Reach
from diagram.rehearsal import Record
from diagram.resources import Resources, rows, text, texts, within

_EVERYWHERE = frozenset({"0.0.0.0/0", "::/0"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_INSTANCE = "gcp:compute/instance:Instance"
_BUCKETS = ("gcp:storage/bucket:Bucket",)
_RECORDS = ("gcp:dns/recordSet:RecordSet", "aws:route53/record:Record")


@dataclass(frozen=True)
class Opening:
    """One port that the firewall lets through, for whom."""

    source: str
    """Key of the node that stands for them."""
    port: str
    """Number, or a range of them."""
    protocol: str

    @property
    def label(self) -> str:
        """As people write it."""
        return port_label(self.port, self.protocol)


class Surroundings:
    """All that is not Docker's."""

    def __init__(self, resources: Resources, containers: Containers) -> None:
        self._resources = resources
        self._containers = containers
        self._instance = next(iter(resources.all(_INSTANCE)), None)
        self._openings = [
            one for rule in resources.all("gcp:compute/firewall:Firewall") for one in _opened(rule)
        ]

    def groups(self) -> Iterator[Group]:
        """Internet, names, the machine and its disk."""
        yield Group("internet", "internet", "internet")
        if self._resources.all(*_RECORDS):
            yield Group("dns", "dns", "DNS")
        if self._instance:
            inputs = self._instance.inputs
            details = (text(inputs.get("machineType")), text(inputs.get("zone")))
            yield Group(MACHINE, "machine", "virtual machine", (*details, "replaceable at any time"))
        else:
            yield Group(MACHINE, "machine", "this computer")
        yield Group(
            "disk", "disk", "data disk" if self._disk else "Docker's volumes", self._safety(), MACHINE
        )

    def nodes(self) -> Iterator[Node]:
        """Who is outside, the firewall, what the machine itself offers, names and buckets."""
        for source in dict.fromkeys(one.source for one in self._openings):
            title = "anyone" if source == "anyone" else "you"
            details = () if source == "anyone" else tuple(source.removeprefix("from:").split(","))
            yield Node(source, "people", title, details, "internet")
        if self._openings:
            yield Node("firewall", "firewall", "firewall", ("all else is closed",))
        elif self._gate == "you":
            yield Node("you", "people", "you", ("on this computer",))
        else:
            yield Node("anyone", "people", "anyone", ("who reaches this computer",), "internet")
        if self._own():
            machine = self._instance.inputs if self._instance else {}
            boot = within(machine.get("bootDisk"), "initializeParams", "image")
            image = text(boot).rpartition("/")[2]
            yield Node("host", "host", "the machine itself", ("SSH", image), MACHINE)
        for name, lines in self._names().items():
            yield Node(f"name:{name}", "record", name, tuple(lines), "dns")
        for bucket in self._resources.all(*_BUCKETS):
            kept = ("protected",) if bucket.protect else ()
            yield Node(f"bucket:{bucket.name}", "bucket", "bucket for backups", kept, "internet")

    def reaches(self) -> Iterator[Reach]:
        """The way in, and what names stand for."""
        for source in dict.fromkeys(one.source for one in self._openings):
            opened = dict.fromkeys(one.label for one in self._openings if one.source == source)
            yield Reach(source, "firewall", "traffic", ", ".join(opened))
        for container in self._containers.all:
            if labels := self._let_in(container):
                yield Reach(self._gate, container.key, "traffic", ", ".join(labels))
        if own := self._own():
            yield Reach("firewall", "host", "traffic", ", ".join(own))
        for name, lines in self._names().items():
            if any(STATIC_ADDRESS in line for line in lines) and self._openings:
                yield Reach(f"name:{name}", "firewall", "name", "stands for")
        for bucket in self._resources.all(*_BUCKETS):
            yield Reach("host", f"bucket:{bucket.name}", "data", "backups")

    @property
    def _gate(self) -> str:
        """The node through which all from outside comes."""
        if self._openings:
            return "firewall"
        ports = [port for one in self._containers.all for port in one.ports]
        return "you" if all(port.address in _LOOPBACK for port in ports) else "anyone"

    def _let_in(self, container: Container) -> list[str]:
        """Published ports that the firewall, if there is one, lets through."""
        opened = {(one.port, one.protocol) for one in self._openings}
        return [
            port.label
            for port in container.ports
            if not self._openings or (str(port.number), port.protocol) in opened
        ]

    def _own(self) -> list[str]:
        """What the firewall lets through that no container takes: sshd, and what the user runs beside."""
        taken = {(str(port.number), port.protocol) for one in self._containers.all for port in one.ports}
        left = [one for one in self._openings if (one.port, one.protocol) not in taken]
        return list(dict.fromkeys(one.label for one in left))

    @property
    def _disk(self) -> Record | None:
        return next(iter(self._resources.all("gcp:compute/disk:Disk")), None)

    def _safety(self) -> tuple[str, ...]:
        if not self._disk:
            return ()
        found = [f"{self._disk.inputs.get('size')} GB {text(self._disk.inputs.get('type'))}"]
        if self._disk.protect:
            found.append("protected")
        for policy in self._resources.all("gcp:compute/resourcePolicy:ResourcePolicy"):
            days = within(policy.inputs.get("snapshotSchedulePolicy"), "retentionPolicy", "maxRetentionDays")
            found.append(f"daily snapshots, {days} kept")
        return tuple(found)

    def _names(self) -> dict[str, list[str]]:
        """Each name in DNS with what it says; long values are cut."""
        names: defaultdict[str, list[str]] = defaultdict(list)
        for record in self._resources.all(*_RECORDS):
            kind = text(record.inputs.get("type"))
            name = text(record.inputs.get("name")).rstrip(".")
            for value in texts(record.inputs.get("rrdatas")) or texts(record.inputs.get("records")):
                known = "known after the update" if value == UNKNOWN else value
                names[name].append(f"{kind}: {_short(known)}")
        return dict(sorted(names.items()))


def _opened(rule: Record) -> Iterator[Opening]:
    sources = texts(rule.inputs.get("sourceRanges"))
    source = "anyone" if _EVERYWHERE & set(sources) else f"from:{','.join(sources)}"
    for allowed in rows(rule.inputs.get("allows")):
        for port in texts(allowed.get("ports")):
            yield Opening(source, port, text(allowed.get("protocol")))


def _short(value: str, limit: int = 34) -> str:
    return value if len(value) <= limit else f"{value[: limit - 1]}…"
