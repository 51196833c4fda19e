"""Names of Google Cloud's APIs, as `gcloud services enable` takes them."""

from __future__ import annotations

CLOUD_DNS = "dns.googleapis.com"
CLOUD_STORAGE = "storage.googleapis.com"
COMPUTE_ENGINE = "compute.googleapis.com"
IAM = "iam.googleapis.com"
LOGGING = "logging.googleapis.com"
MONITORING = "monitoring.googleapis.com"
RESOURCE_MANAGER = "cloudresourcemanager.googleapis.com"
