"""Google Cloud's APIs, switched on before anything is asked of them."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi import (
    ComponentResource,
    CustomResource,
    ErrorHookArgs,
    Resource,
    ResourceHookBinding,
    ResourceOptions,
)
from pulumi_gcp import _utilities

from components.hooks import error_hook


class GoogleApis:
    """APIs that are on in the project of the stack. They are never switched off: others may use them.

    The first one is switched on alone, so that where the deployer may not, nothing else is made. `names` are
    as `gcloud services enable` takes them; none where the settings leave it to somebody else.
    """

    def __init__(self, names: Sequence[str], project: str) -> None:
        self._command = f"gcloud services enable {' '.join(names)} --project {project}"
        self._on: dict[str, Resource] = {}
        if not names:
            return
        parent = ComponentResource("homeport:host:GoogleApis", "google-apis")
        hooks = ResourceHookBinding(on_error=[error_hook("google-api-refused", self._explain)])
        for name in names:
            first = list(self._on.values())[:1]
            self._on[name] = _Service(name, ResourceOptions(parent=parent, depends_on=first, hooks=hooks))
        parent.register_outputs({})

    def needed(self, name: str) -> list[Resource]:
        """What has to be there before the API of that name is asked."""
        return [self._on[name]] if name in self._on else []

    async def _explain(self, args: ErrorHookArgs) -> bool:
        pulumi.log.error(
            "An API of Google Cloud could not be switched on. Have somebody do it who may (the role Service"
            f" Usage Admin), then run pulumi up again:\n    {self._command}"
        )
        return False


class _Service(CustomResource):
    """As `pulumi_gcp.projects.Service`, without the time that importing its package takes."""

    def __init__(self, name: str, opts: ResourceOptions) -> None:
        super().__init__(
            "gcp:projects/service:Service",
            name,
            {"service": name, "disableOnDestroy": False},
            ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts),
        )
