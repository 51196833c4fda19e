"""What a program asks the engine for, word by word."""

from __future__ import annotations

from collections.abc import Callable

from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import resource_pb2

from diagram.rehearsal import Configuration, run_engineless
from tests.unit.deployment.recorder import Recorder


class Requests(Recorder):
    """Keeps every request for a resource as it was sent."""

    def __init__(self, stack: str, *, preview: bool) -> None:
        super().__init__("homeport", stack, preview=preview)
        self.sent: dict[str, object] = {}

    def RegisterResource(  # noqa: N802  the protocol's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Keep it without the place in the source that it came from, lists of dependencies in order."""
        response = super().RegisterResource(request)
        kept = resource_pb2.RegisterResourceRequest()
        kept.CopyFrom(request)
        kept.ClearField("sourcePosition")
        kept.ClearField("stackTrace")
        kept.dependencies.sort()
        for found in kept.propertyDependencies.values():
            found.urns.sort()
        self.sent[response.urn] = MessageToDict(kept)
        return response


def sent(program: Callable[[], object], configuration: Configuration, *, preview: bool) -> dict[str, object]:
    """Every request for a resource that the program sends, by URN."""
    monitor = Requests(configuration.stack, preview=preview)
    run_engineless(program, monitor, configuration, preview=preview)
    return monitor.sent
