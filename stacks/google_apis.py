"""Which of Google Cloud's APIs the settings of a stack need."""

from __future__ import annotations

from components.backup.settings import GcsStore
from components.dns.settings import CloudDnsSettings
from components.host.google_api_names import (
    CLOUD_DNS,
    CLOUD_STORAGE,
    COMPUTE_ENGINE,
    IAM,
    LOGGING,
    MONITORING,
    RESOURCE_MANAGER,
)
from components.host.settings import GceSettings
from components.logs import GoogleLogs
from stacks.settings import StackSettings


def needed_apis(settings: StackSettings) -> tuple[str, ...]:
    """Names of the APIs, as `gcloud services enable` takes them; the first is switched on before all others.

    Nothing without a machine at Google. The Resource Manager is the first: it gives accounts their roles, and
    the provider asks it before it says that another API is on (`resourceGoogleProjectServiceRead` in
    terraform-provider-google).
    """
    if not isinstance(settings.host, GceSettings):
        return ()
    wanted = {
        CLOUD_DNS: isinstance(settings.dns, CloudDnsSettings),
        CLOUD_STORAGE: settings.backup is not None and isinstance(settings.backup.store, GcsStore),
        MONITORING: settings.monitoring is not None,
        LOGGING: isinstance(settings.logs, GoogleLogs),
    }
    return (RESOURCE_MANAGER, COMPUTE_ENGINE, IAM, *(name for name, needed in wanted.items() if needed))
