"""An update in progress, as lines for the person who waits for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from pulumi.automation import EngineEvent, OpType
from pulumi.automation.events import PolicyEvent

from tools.progress import is_live, say

_SLOW = 1.5
_BEAT = 15.0
_VERBS = {
    OpType.CREATE: "created",
    OpType.CREATE_REPLACEMENT: "created anew",
    OpType.DELETE: "deleted",
    OpType.DELETE_REPLACED: "deleted the old",
    OpType.UPDATE: "updated",
    OpType.READ: "read",
}


@dataclass
class Report:
    """Says each resource that took a while, and at least every 15 seconds what is being waited for.

    In a terminal the line that changes in place says it, by `waiting`; only policies have lines that stay.
    """

    started: float = field(default_factory=time.monotonic)
    finished: dict[str, float] = field(default_factory=dict)
    """Resource's type and name -> seconds its operation took."""
    errors: list[str] = field(default_factory=list)
    """What went wrong, in the provider's words, or those of the policy that was broken."""
    _resources: int = 0
    """How many were looked at, changed or not."""
    _running: dict[str, float] = field(default_factory=dict)
    _said: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, event: EngineEvent) -> None:
        """Take one event of the engine."""
        with self._lock:
            now = time.monotonic()
            if event.resource_pre_event:
                metadata = event.resource_pre_event.metadata
                if metadata.op is not OpType.SAME and not _is_group(metadata.urn):
                    self._running[_name(metadata.urn)] = now
            elif event.res_outputs_event:
                metadata = event.res_outputs_event.metadata
                self._resources += 1
                self._done(_name(metadata.urn), metadata.op, now)
            elif event.diagnostic_event and event.diagnostic_event.severity == "error":
                self.errors.append(event.diagnostic_event.message.strip())
            elif event.policy_event:
                self._policy(event.policy_event)

    def wait_beat(self, ended: threading.Event) -> None:
        """Until `ended`, say what is being waited for."""
        while not ended.wait(1):
            with self._lock:
                now = time.monotonic()
                if self._running and now - self._said > _BEAT:
                    self._say(f"waiting for {self._longest(now)}")

    def waiting(self) -> str:
        """How many resources are done, and what has been waited for the longest."""
        with self._lock:
            done = f"{self._resources} resources" if self._resources else ""
            return ", ".join(part for part in (done, self._longest(time.monotonic())) if part)

    def _longest(self, now: float) -> str:
        if not self._running:
            return ""
        longest = min(self._running, key=lambda name: self._running[name])
        return f"{longest} ({now - self._running[longest]:.0f} s)"

    def _policy(self, broken: PolicyEvent) -> None:
        if broken.enforcement_level == "mandatory":
            self.errors.append(f"policy {broken.policy_name}: {broken.message.strip()}")
        else:
            # Its first line says what is wrong, the others why that matters.
            told = broken.message.strip()
            shown = told.partition("\n")[0] if is_live() else told
            self._keep(f"policy {broken.policy_name}: {shown}")

    def _done(self, name: str, op: OpType, now: float) -> None:
        begun = self._running.pop(name, None)
        if begun is None or op is OpType.SAME:
            return
        self.finished[name] = now - begun
        if now - begun > _SLOW:
            self._say(f"{_VERBS.get(op, op.value)} {name} in {now - begun:.1f} s")

    def _say(self, line: str) -> None:
        if not is_live():
            self._keep(line)

    def _keep(self, line: str) -> None:
        self._said = time.monotonic()
        say(f"  {self._said - self.started:5.1f} s  {line}")


def _is_group(urn: str) -> bool:
    """Whether it stands for its children only: they are what takes the time."""
    kind = urn.split("::")[2].rsplit("$", 1)[-1]
    return kind.startswith(("homeport:", "pulumi:"))


def _name(urn: str) -> str:
    kind, name = urn.split("::")[2:4]
    package, _, short = kind.rsplit("$", 1)[-1].rpartition(":")
    return f"{package.split(':', 1)[0]}:{short} {name}"
