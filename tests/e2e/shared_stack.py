"""The stack that the files of this folder share, one for each process of a run."""

from __future__ import annotations

from pulumi.automation import CommandError

from sandbox.box import Box
from sandbox.deployment import STACK, project
from tests.e2e.deployed import Deployed


class SharedStack:
    """Deployed when it is first asked for, and as it is shipped for each file that asks for it.

    What a file has changed is undone when the next one asks, not before: after the last one nobody does.
    """

    def __init__(self, box: Box) -> None:
        self._box = box
        self._deployed: Deployed | None = None

    def get(self) -> Deployed:
        """The stack as it is shipped."""
        self._restore()
        if self._deployed is None:
            self._deployed = Deployed.deploy(self._box)
        return self._deployed

    def _restore(self) -> None:
        """Undo what a file has changed in the settings; a stack that this cannot repair is given up."""
        if self._deployed is None or self._is_shipped(self._deployed):
            return
        try:
            self._deployed.up()
        except CommandError:
            self.discard()

    def discard(self) -> None:
        """Remove it with its box; who asks next gets another one."""
        self._box.stop()
        self._deployed = None

    def _is_shipped(self, deployed: Deployed) -> bool:
        now, shipped = deployed.engine.project, project(self._box, deployed.description)
        return (now.stack, now.config) == (STACK, shipped.config)
