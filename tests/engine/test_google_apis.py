"""APIs of Google Cloud that are off, as in a new project: switched on by the update, and refused in words."""

from __future__ import annotations

import pulumi_gcp as gcp
import pytest
from pulumi import ResourceOptions

from components.dns.records import Record
from components.dns.settings import CloudDnsSettings, CloudDnsZone
from components.dns.zone import Zone
from components.host.google_apis import GoogleApis
from sandbox.cloud import NEW_PROJECT_APIS, Cloud
from tests.engine.empty_cloud import empty_cloud
from tests.engine.trial import Trial

DNS = "dns.googleapis.com"
RESOURCE_MANAGER = "cloudresourcemanager.googleapis.com"
NAMES = (RESOURCE_MANAGER, "compute.googleapis.com", DNS)


@pytest.fixture
def project(trial: Trial) -> Cloud:
    """A project in which nobody has switched anything on, with a zone."""
    found = empty_cloud(trial.world, "apis")
    found.ensure_zone("homeport.test")
    with found.changing() as kinds:
        kinds["service"] = {name: {"service": name} for name in NEW_PROJECT_APIS}
    return found


def program() -> None:
    """A network and a record, each after its API."""
    apis = GoogleApis(NAMES, "my-project")
    after = ResourceOptions(depends_on=apis.needed("compute.googleapis.com"))
    gcp.compute.Network("net", auto_create_subnetworks=False, opts=after)
    zones = CloudDnsSettings(kind="clouddns", zones=[CloudDnsZone(name="homeport.test")])
    Zone("dns", zones, [Record("chat.homeport.test", "A", ("192.0.2.1",))], apis.needed(DNS))


def test_a_first_preview_and_update_work_in_a_new_project(trial: Trial, project: Cloud) -> None:
    assert trial.preview(program) == {"create": 8}
    assert trial.up(program) == {"create": 8}
    assert set(NAMES) < set(project.all("service"))
    assert trial.preview(program) == {}


def test_an_api_stays_on_when_the_stack_is_given_up(trial: Trial, project: Cloud) -> None:
    trial.up(lambda: GoogleApis((RESOURCE_MANAGER, DNS), "my-project"))
    trial.destroy()
    assert DNS in project.all("service")


def test_what_a_new_project_lacks_is_refused_as_google_does(trial: Trial, project: Cloud) -> None:
    told = trial.failing_up(lambda: gcp.compute.Network("net", auto_create_subnetworks=False))
    assert "Compute Engine API has not been used in project" in told


def test_who_may_not_switch_apis_on_gets_the_command_and_nothing_is_made(
    trial: Trial, project: Cloud
) -> None:
    project.remove("service", "serviceusage.googleapis.com")
    told = trial.failing_up(program)
    assert f"gcloud services enable {' '.join(NAMES)} --project my-project" in told
    assert project.all("network") == {}
