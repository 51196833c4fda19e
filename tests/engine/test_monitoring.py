"""Google Cloud Monitoring, as far as it is records: names, references, drift."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pytest
from pulumi_gcp import monitoring

from components.monitoring import Monitoring, MonitoringArgs
from components.monitoring_settings import MonitoringSettings
from components.workload import App
from sandbox.cloud import Cloud
from tests.engine.trial import Trial

_KINDS = ("notificationChannel", "uptimeCheckConfig", "alertPolicy")


@pytest.fixture
def cloud(trial: Trial) -> Cloud:
    return Cloud(trial.world)


@dataclass(frozen=True)
class Watched:
    """Homeport's own component with one app; what a test changes are fields."""

    email: str = "ops@example.net"
    host: str = "chat.homeport.test"

    def __call__(self) -> None:
        app = App("chat", "web", "1", f"https://{self.host}", ())
        Monitoring("watch", MonitoringArgs(MonitoringSettings(email=self.email), [app], "trial"))


def test_an_app_is_watched_once_and_stays_so(trial: Trial, cloud: Cloud) -> None:
    assert trial.up(Watched()) == {"create": 5}
    assert trial.up(Watched()) == {}
    assert trial.refresh() == {}
    assert [len(cloud.all(kind)) for kind in _KINDS] == [1, 1, 1]


def test_the_policy_names_the_check_and_the_channel_that_were_made(trial: Trial, cloud: Cloud) -> None:
    trial.up(Watched())
    (policy,) = cloud.all("alertPolicy").values()
    (channel,) = cloud.all("notificationChannel")
    (check,) = cloud.all("uptimeCheckConfig")
    assert policy["notificationChannels"] == [channel]
    assert str(policy["conditions"]).count(f'check_id="{check.rsplit("/", 1)[-1]}"') == 2


def test_another_address_changes_the_channel_in_place(trial: Trial) -> None:
    trial.up(Watched())
    assert trial.up(Watched(email="night@example.net")) == {"update": 1}


def test_another_host_name_makes_a_new_check_before_the_old_one_goes(trial: Trial, cloud: Cloud) -> None:
    trial.up(Watched())
    assert trial.up(Watched(host="talk.homeport.test")) == {"replace": 1, "update": 1}
    (check,) = cloud.all("uptimeCheckConfig").values()
    assert check["monitoredResource"] == {"labels": {"host": "talk.homeport.test"}, "type": "uptime_url"}


def test_a_policy_changed_by_hand_is_seen_and_set_back(trial: Trial, cloud: Cloud) -> None:
    trial.up(Watched())
    (name,) = cloud.all("alertPolicy")
    with cloud.changing() as kinds:
        kinds["alertPolicy"][name]["enabled"] = False
    assert trial.refresh() == {"update": 1}
    assert trial.up(Watched()) == {"update": 1}
    assert cloud.all("alertPolicy")[name]["enabled"] is True


def test_a_check_deleted_by_hand_is_made_again(trial: Trial, cloud: Cloud) -> None:
    trial.up(Watched())
    (name,) = cloud.all("uptimeCheckConfig")
    cloud.remove("uptimeCheckConfig", name)
    assert trial.refresh() == {"delete": 1}
    assert trial.up(Watched()) == {"create": 1, "update": 1}


def test_destroying_leaves_nothing(trial: Trial, cloud: Cloud) -> None:
    trial.up(Watched())
    trial.destroy()
    assert [dict(cloud.all(kind)) for kind in _KINDS] == [{}, {}, {}]


def test_a_channel_that_a_policy_uses_cannot_be_deleted(trial: Trial, cloud: Cloud) -> None:
    trial.up(Watched())
    (channel,) = cloud.all("notificationChannel")
    cloud.put("alertPolicy", "of-somebody-else", {"notificationChannels": [channel]})
    assert "the policy 'of-somebody-else' refers to it" in trial.failing_up(lambda: None)
    cloud.remove("alertPolicy", "of-somebody-else")


@pytest.mark.parametrize(
    ("period", "said"), [("45s", "must be one of 60s, 300s, 600s, 900s"), ("60", "must be one of")]
)
def test_a_period_that_google_would_refuse_is_refused(trial: Trial, period: str, said: str) -> None:
    def program() -> None:
        monitoring.UptimeCheckConfig(
            "check",
            display_name="check",
            timeout="10s",
            period=period,
            http_check=monitoring.UptimeCheckConfigHttpCheckArgs(path="/"),
            monitored_resource=monitoring.UptimeCheckConfigMonitoredResourceArgs(
                type="uptime_url", labels={"host": "chat.homeport.test"}
            ),
        )

    assert said in trial.failing_preview(program)


def test_a_channel_of_a_kind_that_the_sandbox_lacks_is_refused(trial: Trial) -> None:
    def program() -> None:
        monitoring.NotificationChannel("pager", type="pagerduty", labels={"service_key": "x"})

    assert "the sandbox knows email only" in trial.failing_preview(program)


def test_a_property_that_the_sandbox_lacks_is_refused(trial: Trial) -> None:
    def program() -> None:
        channel = pulumi.Output.from_input("projects/homeport-sandbox/notificationChannels/1")
        monitoring.AlertPolicy(
            "policy",
            display_name="policy",
            combiner="OR",
            conditions=[
                monitoring.AlertPolicyConditionArgs(
                    display_name="absent",
                    condition_absent=monitoring.AlertPolicyConditionConditionAbsentArgs(duration="300s"),
                )
            ],
            notification_channels=[channel],
        )

    assert "conditionAbsent" in trial.failing_preview(program)
