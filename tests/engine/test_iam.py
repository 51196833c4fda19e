"""Roles of a project, as far as they are records."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_gcp import projects, serviceaccount

from sandbox.cloud import Cloud
from tests.engine.trial import Trial


@dataclass(frozen=True)
class Granted:
    """An account and one role of it."""

    role: str = "roles/logging.logWriter"

    def __call__(self) -> None:
        account = serviceaccount.Account("account", account_id="homeport-chat")
        projects.IAMMember("role", project=account.project, role=self.role, member=account.member)


def test_a_role_is_granted_once_and_stays_so(trial: Trial) -> None:
    assert trial.up(Granted()) == {"create": 3}
    assert trial.up(Granted()) == {}
    assert trial.refresh() == {}
    (member,) = Cloud(trial.world).all("iamMember").values()
    assert member == {
        "project": "homeport-sandbox",
        "role": "roles/logging.logWriter",
        "member": "serviceAccount:homeport-chat@homeport-sandbox.iam.gserviceaccount.com",
    }


def test_another_role_takes_the_place_of_the_first(trial: Trial) -> None:
    trial.up(Granted())
    assert trial.up(Granted("roles/logging.viewer")) == {"replace": 1}
    (member,) = Cloud(trial.world).all("iamMember").values()
    assert member["role"] == "roles/logging.viewer"


def test_a_role_taken_away_by_hand_is_granted_again(trial: Trial) -> None:
    trial.up(Granted())
    cloud = Cloud(trial.world)
    (name,) = cloud.all("iamMember")
    cloud.remove("iamMember", name)
    assert trial.refresh() == {"delete": 1}
    assert trial.up(Granted()) == {"create": 1}


def test_a_member_that_is_no_account_is_refused(trial: Trial) -> None:
    def program() -> None:
        projects.IAMMember("role", project="p", role="roles/owner", member="allUsers")

    assert "is no serviceAccount:<e-mail>" in trial.failing_preview(program)
