"""Google Cloud and Route 53, as far as they are records: names, addresses, DNS, drift."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws
import pulumi_gcp
import pytest
from pulumi_gcp import compute, dns, serviceaccount

from sandbox.cloud import Cloud
from tests.engine.empty_cloud import empty_cloud
from tests.engine.trial import Trial

_RECORD = "chat.homeport.test./A"


@pytest.fixture
def cloud(trial: Trial) -> Cloud:
    """A cloud with one DNS zone and no machine; no container runs for it."""
    found = empty_cloud(trial.world, "records")
    found.ensure_zone("homeport.test")
    return found


@dataclass(frozen=True)
class Site:
    """Everything of a site that is a record, as a program; what a test changes are fields."""

    description: str = "first"
    ttl: int = 300
    cidr: str = "10.0.0.0/24"

    def __call__(self) -> None:
        region = "us-west1"
        network = compute.Network("network", auto_create_subnetworks=False)
        compute.Subnetwork("subnet", network=network.id, region=region, ip_cidr_range=self.cidr)
        address = compute.Address("address", region=region)
        compute.Firewall(
            "web",
            network=network.id,
            allows=[compute.FirewallAllowArgs(protocol="tcp", ports=["80", "443"])],
            source_ranges=["0.0.0.0/0"],
            target_tags=["web"],
        )
        compute.ResourcePolicy("daily", region=region)
        account = serviceaccount.Account("account", account_id="homeport-chat", display_name=self.description)
        zone = dns.get_managed_zone_output(name="homeport-test")
        dns.RecordSet(
            "record",
            managed_zone=zone.name,
            name=zone.dns_name.apply(lambda name: f"chat.{name}"),
            type="A",
            ttl=self.ttl,
            rrdatas=[address.address],
        )
        pulumi.export("address", address.address)
        pulumi.export("network", network.name)
        pulumi.export("email", account.email)


def _route53(ttl: int = 300, name: str = "chat.homeport.test") -> None:
    provider = pulumi_aws.Provider(
        "aws",
        region="us-west-2",
        access_key="a",
        secret_key="b",
        skip_credentials_validation=True,
        skip_requesting_account_id=True,
    )
    zone = pulumi_aws.route53.get_zone_output(
        name="homeport.test", opts=pulumi.InvokeOutputOptions(provider=provider)
    )
    record = pulumi_aws.route53.Record(
        "record",
        zone_id=zone.zone_id,
        name=name,
        type=pulumi_aws.route53.RecordType.A,
        ttl=ttl,
        records=["172.31.77.10"],
        opts=pulumi.ResourceOptions(provider=provider),
    )
    pulumi.export("fqdn", record.fqdn)


def _served(cloud: Cloud, world: Path) -> list[dict[str, object]]:
    records: list[dict[str, object]] = json.loads((world / "cloud" / "dns.json").read_text())["records"]
    return [{key: record[key] for key in ("name", "type", "ttl", "values")} for record in records]


@pytest.fixture(scope="module")
def first(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A site that was made."""
    found = Trial(home, "site", tmp_path_factory.mktemp("site"))
    empty_cloud(found.world, "records").ensure_zone("homeport.test")
    found.up(Site())
    return found


@pytest.fixture
def site(first: Trial, trial: Trial, cloud: Cloud) -> None:
    """The test begins with a site that was made."""
    trial.begin_as(first)


def test_a_preview_reserves_nothing(trial: Trial, cloud: Cloud) -> None:
    assert trial.preview(Site()) == {"create": 8}
    assert cloud.all("address") == {}
    assert cloud.all("record") == {}


def test_a_site_is_made_once_and_stays_as_it_is(trial: Trial, cloud: Cloud) -> None:
    assert trial.up(Site()) == {"create": 8}
    assert trial.up(Site()) == {}
    assert trial.refresh() == {}
    assert trial.up(Site()) == {}


@pytest.mark.usefixtures("site")
def test_the_address_is_from_the_sandbox_and_the_record_serves_it(trial: Trial, cloud: Cloud) -> None:
    outputs = trial.outputs()
    assert outputs["address"] == "172.31.77.10"
    assert outputs["email"] == "homeport-chat@homeport-sandbox.iam.gserviceaccount.com"
    assert _served(cloud, trial.world) == [
        {"name": "chat.homeport.test.", "type": "A", "ttl": 300, "values": ["172.31.77.10"]}
    ]


@pytest.mark.usefixtures("site")
def test_destroying_leaves_only_the_zone_that_was_there_before(trial: Trial, cloud: Cloud) -> None:
    trial.destroy()

    left: dict[str, dict[str, object]] = json.loads((trial.world / "cloud.json").read_text())
    # The APIs are the project's.
    del left["service"]
    assert {kind: list(records) for kind, records in left.items() if records} == {"zone": ["homeport-test"]}
    assert _served(cloud, trial.world) == []


@pytest.mark.usefixtures("site")
def test_a_description_and_a_ttl_change_in_place(trial: Trial, cloud: Cloud) -> None:
    assert trial.up(Site(description="second", ttl=60)) == {"update": 2}
    assert _served(cloud, trial.world)[0]["ttl"] == 60


@pytest.mark.usefixtures("site")
def test_a_record_changed_by_hand_is_seen_by_refresh_and_set_back_by_up(trial: Trial, cloud: Cloud) -> None:
    with cloud.changing() as kinds:
        kinds["record"][_RECORD]["values"] = ["203.0.113.66"]

    assert trial.refresh() == {"update": 1}
    assert trial.up(Site()) == {"update": 1}
    assert _served(cloud, trial.world)[0]["values"] == ["172.31.77.10"]
    assert trial.refresh() == {}
    assert trial.up(Site()) == {}


@pytest.mark.usefixtures("site")
def test_a_record_deleted_by_hand_is_made_again(trial: Trial, cloud: Cloud) -> None:
    cloud.remove("record", _RECORD)

    assert trial.refresh() == {"delete": 1}
    assert trial.up(Site()) == {"create": 1}
    assert _served(cloud, trial.world)[0]["values"] == ["172.31.77.10"]


@pytest.mark.usefixtures("site")
def test_a_firewall_rule_opened_wide_by_hand_is_set_back(trial: Trial, cloud: Cloud) -> None:
    (name,) = cloud.all("firewall")
    with cloud.changing() as kinds:
        kinds["firewall"][name]["targetTags"] = []

    assert trial.refresh() == {"update": 1}
    assert trial.up(Site()) == {"update": 1}
    assert cloud.all("firewall")[name]["targetTags"] == ["web"]


def test_a_record_that_somebody_else_made_is_replaced_by_the_bare_provider(
    trial: Trial, cloud: Cloud
) -> None:
    cloud.put(
        "record",
        _RECORD,
        {"name": "chat.homeport.test.", "type": "A", "ttl": 5, "values": ["203.0.113.1"]},
    )

    trial.up(Site())
    assert _served(cloud, trial.world)[0]["values"] == ["172.31.77.10"]


def test_a_name_that_google_would_refuse_is_refused(trial: Trial, cloud: Cloud) -> None:
    said = trial.failing_preview(lambda: compute.Network("network", name="Not_A_Name"))
    assert "Not_A_Name" in said
    assert "must match the regex" in said


def test_a_zone_that_does_not_exist_is_named(trial: Trial, cloud: Cloud) -> None:
    def program() -> None:
        pulumi.export("zone", pulumi_gcp.dns.get_managed_zone_output(name="elsewhere").dns_name)

    assert "the managed zone 'elsewhere' does not exist" in trial.failing_preview(program)


def test_route_53_holds_a_record_too(trial: Trial, cloud: Cloud) -> None:
    trial.up(_route53)

    assert trial.outputs() == {"fqdn": "chat.homeport.test"}
    assert _served(cloud, trial.world) == [
        {"name": "chat.homeport.test.", "type": "A", "ttl": 300, "values": ["172.31.77.10"]}
    ]
    assert trial.up(_route53) == {}
    assert trial.refresh() == {}
    assert trial.up(_route53) == {}


def test_route_53_drift_is_seen_and_repaired(trial: Trial, cloud: Cloud) -> None:
    trial.up(_route53)
    with cloud.changing() as kinds:
        kinds["record"][_RECORD]["values"] = ["203.0.113.66"]

    assert trial.refresh() == {"update": 1}
    assert trial.up(_route53) == {"update": 1}
    assert _served(cloud, trial.world)[0]["values"] == ["172.31.77.10"]


def test_route_53_changes_the_ttl_in_place(trial: Trial, cloud: Cloud) -> None:
    trial.up(_route53)

    assert trial.up(lambda: _route53(ttl=60)) == {"update": 1}
    assert _served(cloud, trial.world)[0]["ttl"] == 60


def test_route_53_refuses_a_name_outside_the_zone(trial: Trial, cloud: Cloud) -> None:
    said = trial.failing_up(lambda: _route53(name="chat.elsewhere.test"))
    assert "is not permitted in zone" in said


def test_credentials_of_a_provider_are_not_stored_in_plain_text(trial: Trial, cloud: Cloud) -> None:
    def program() -> None:
        pulumi_aws.Provider("aws", region="us-west-2", secret_key=pulumi.Output.secret("keep-this-hidden"))

    trial.up(program)

    assert "keep-this-hidden" not in trial.engine.state()
