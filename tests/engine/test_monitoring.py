"""Google Cloud Monitoring, as far as it is records: names, references, drift."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pytest
from pulumi_gcp import monitoring

from components.backup.report import FAILED, OVERDUE
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
        Monitoring("watch", MonitoringArgs(MonitoringSettings(email=self.email), [app], "trial", 45))


@pytest.fixture(scope="module")
def first(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """An app that is watched."""
    found = Trial(home, "watched", tmp_path_factory.mktemp("monitoring"))
    found.up(Watched())
    return found


@pytest.fixture
def watched(first: Trial, trial: Trial) -> None:
    """The test begins with an app that is watched."""
    trial.begin_as(first)


def test_an_app_is_watched_once_and_stays_so(trial: Trial, cloud: Cloud) -> None:
    assert trial.up(Watched()) == {"create": 5}
    assert trial.up(Watched()) == {}
    assert trial.refresh() == {}
    assert [len(cloud.all(kind)) for kind in _KINDS] == [1, 1, 1]


@pytest.mark.usefixtures("watched")
def test_the_policy_names_the_check_and_the_channel_that_were_made(trial: Trial, cloud: Cloud) -> None:
    (policy,) = cloud.all("alertPolicy").values()
    (channel,) = cloud.all("notificationChannel")
    (check,) = cloud.all("uptimeCheckConfig")
    assert policy["notificationChannels"] == [channel]
    assert str(policy["conditions"]).count(f'check_id="{check.rsplit("/", 1)[-1]}"') == 2


@pytest.mark.usefixtures("watched")
def test_another_address_changes_the_channel_in_place(trial: Trial) -> None:
    assert trial.up(Watched(email="night@example.net")) == {"update": 1}


@pytest.mark.usefixtures("watched")
def test_another_host_name_makes_a_new_check_before_the_old_one_goes(trial: Trial, cloud: Cloud) -> None:
    assert trial.up(Watched(host="talk.homeport.test")) == {"replace": 1, "update": 1}
    (check,) = cloud.all("uptimeCheckConfig").values()
    assert check["monitoredResource"] == {"labels": {"host": "talk.homeport.test"}, "type": "uptime_url"}


@pytest.mark.usefixtures("watched")
def test_a_policy_changed_by_hand_is_seen_and_set_back(trial: Trial, cloud: Cloud) -> None:
    (name,) = cloud.all("alertPolicy")
    with cloud.changing() as kinds:
        kinds["alertPolicy"][name]["enabled"] = False
    assert trial.refresh() == {"update": 1}
    assert trial.up(Watched()) == {"update": 1}
    assert cloud.all("alertPolicy")[name]["enabled"] is True


@pytest.mark.usefixtures("watched")
def test_a_check_deleted_by_hand_is_made_again(trial: Trial, cloud: Cloud) -> None:
    (name,) = cloud.all("uptimeCheckConfig")
    cloud.remove("uptimeCheckConfig", name)
    assert trial.refresh() == {"delete": 1}
    assert trial.up(Watched()) == {"create": 1, "update": 1}


@pytest.mark.usefixtures("watched")
def test_destroying_leaves_nothing(trial: Trial, cloud: Cloud) -> None:
    trial.destroy()
    assert [dict(cloud.all(kind)) for kind in _KINDS] == [{}, {}, {}]


@pytest.mark.usefixtures("watched")
def test_a_channel_that_a_policy_uses_cannot_be_deleted(trial: Trial, cloud: Cloud) -> None:
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
    condition = monitoring.AlertPolicyConditionArgs(
        display_name="in a log",
        condition_matched_log=monitoring.AlertPolicyConditionConditionMatchedLogArgs(filter="x"),
    )
    assert "conditionMatchedLog" in trial.failing_preview(Policy(condition))


@dataclass(frozen=True)
class Policy:
    """A policy with one condition, and a channel that is there already."""

    condition: monitoring.AlertPolicyConditionArgs

    def __call__(self) -> None:
        monitoring.AlertPolicy("policy", display_name="policy", combiner="OR", conditions=[self.condition])


@dataclass(frozen=True)
class Saved:
    """Homeport's own component, for a stack whose machine reports its backups."""

    def __call__(self) -> None:
        reports = pulumi.ComponentResource("test:index:Reports", "reports")
        settings = MonitoringSettings(email="ops@example.net")
        Monitoring("watch", MonitoringArgs(settings, [], "trial", 45, backup_reports=reports))


def report(trial: Trial, *metrics: str) -> None:
    """Have the world know metrics, as after a machine's first report."""
    folder = trial.world / "stores" / "monitoring"
    folder.mkdir(parents=True)
    (folder / "metrics.json").write_text(json.dumps({metric: {} for metric in metrics}))


def test_backups_have_one_policy_on_what_the_machine_reports(trial: Trial, cloud: Cloud) -> None:
    report(trial, FAILED, OVERDUE)
    assert trial.up(Saved()) == {"create": 5}
    assert trial.up(Saved()) == {}
    assert trial.refresh() == {}
    (policy,) = cloud.all("alertPolicy").values()
    conditions = policy["conditions"]
    assert isinstance(conditions, list)
    kinds = ["conditionThreshold", "conditionThreshold", "conditionAbsent"]
    for kind, condition in zip(kinds, conditions, strict=True):
        assert isinstance(condition, dict)
        assert kind in condition
    assert policy["notificationChannels"] == list(cloud.all("notificationChannel"))


def test_a_policy_on_a_metric_without_a_point_is_refused(trial: Trial, cloud: Cloud) -> None:
    report(trial, FAILED)
    said = trial.failing_up(Saved())
    assert f'Cannot find metric(s) that match type = "{OVERDUE}"' in said
    assert not cloud.all("alertPolicy")


_FILTER = f'metric.type="{FAILED}" AND resource.type="gce_instance"'


@pytest.mark.parametrize("duration", ["0s", "84660s", "90s"])
def test_an_absence_that_google_would_refuse_is_refused(trial: Trial, duration: str) -> None:
    absent = monitoring.AlertPolicyConditionConditionAbsentArgs(filter=_FILTER, duration=duration)
    condition = monitoring.AlertPolicyConditionArgs(display_name="absent", condition_absent=absent)
    assert f"duration '{duration}'" in trial.failing_preview(Policy(condition))


def test_a_condition_that_says_nothing_or_two_things_is_refused(trial: Trial) -> None:
    absent = monitoring.AlertPolicyConditionConditionAbsentArgs(filter=_FILTER, duration="300s")
    threshold = monitoring.AlertPolicyConditionConditionThresholdArgs(
        filter=_FILTER, duration="300s", comparison="COMPARISON_GT"
    )
    nothing = monitoring.AlertPolicyConditionArgs(display_name="nothing")
    two = monitoring.AlertPolicyConditionArgs(
        display_name="two", condition_absent=absent, condition_threshold=threshold
    )
    for condition in (nothing, two):
        said = trial.failing_preview(Policy(condition))
        assert "either conditionThreshold or conditionAbsent" in said
