"""gcp:projects/service: the APIs that are on in the project, and what is refused where one is off."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.cloud import PROJECT, PROJECT_NUMBER
from sandbox.providers.gcp_network import REPLACES
from sandbox.providers.recorded import Recorded, cloud
from sandbox.providers.resource import Created, Failure, Properties, Property, ProviderError

_APIS = {
    "gcp:compute/": ("compute.googleapis.com", "Compute Engine API"),
    "gcp:dns/": ("dns.googleapis.com", "Cloud DNS API"),
    "gcp:monitoring/": ("monitoring.googleapis.com", "Cloud Monitoring API"),
    "gcp:projects/iAMMember:": ("cloudresourcemanager.googleapis.com", "Cloud Resource Manager API"),
    "gcp:projects/service:": ("serviceusage.googleapis.com", "Service Usage API"),
    "gcp:serviceaccount/": ("iam.googleapis.com", "Identity and Access Management (IAM) API"),
    "gcp:storage/": ("storage.googleapis.com", "Cloud Storage API"),
}
"""What types and functions start with -> the API that Google's provider asks for them, and its title."""


def refuse_disabled(token: str) -> None:
    """Raise `ProviderError`, in Google's words, where the API that a type or function needs is off."""
    for start, (name, title) in _APIS.items():
        if token.startswith(start) and name not in cloud().all(Service.kind):
            raise ProviderError(
                f"googleapi: Error 403: {title} has not been used in project {PROJECT_NUMBER} before or it is"
                " disabled. Enable it by visiting https://console.developers.google.com/apis/api/"
                f"{name}/overview?project={PROJECT_NUMBER} then"
                " retry. If you enabled this API recently, wait a few minutes for the action to propagate to"
                " our systems and retry., accessNotConfigured"
            )


class Service(Recorded):
    """One API. Google's provider asks the Resource Manager of the project before it says that one is on."""

    token = "gcp:projects/service:Service"  # noqa: S105
    kind = "service"
    properties = {
        "service": Property(required=True, replaces=True),
        "disableOnDestroy": Property(default=False),
        "disableDependentServices": Property(),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        if str(inputs["service"]).endswith(".googleapis.com"):
            return []
        return [Failure("service", f"{inputs['service']!r} is no name like dns.googleapis.com")]

    def record_name(self, inputs: Properties) -> str:
        return str(inputs["service"])

    def identifier(self, inputs: Properties) -> str:
        return f"{PROJECT}/{inputs['service']}"

    def outputs(self, inputs: Properties) -> Properties:
        return {"project": PROJECT}

    def create(self, inputs: Properties) -> Created:
        name = self.record_name(inputs)
        if cloud().get(self.kind, name) is None:
            cloud().switch_on(name)
            refuse_disabled("gcp:projects/iAMMember:")
        return Created(self.identifier(inputs), {**inputs, **self.outputs(inputs)})

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        return Created(identifier, {**inputs, **self.outputs(inputs)})

    def delete(self, identifier: str, state: Properties) -> None:
        if state.get("disableOnDestroy"):
            cloud().remove(self.kind, self.record_name(state))
