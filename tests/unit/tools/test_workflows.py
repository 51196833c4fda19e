"""What every workflow of GitHub Actions must keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from tools.python_environment import NEWEST, OLDEST, REPOSITORY

FOLDER = REPOSITORY / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.y*ml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
LOCAL = re.compile(r"uses: \./\.github/workflows/[\w.-]+\.yml( # .*)?$")
MAKE = re.compile(r"make [a-z0-9-]+")
TARGET = re.compile(r"^([a-z0-9-]+):", re.MULTILINE)
OWN = "github.event.pull_request.head.repo.full_name == github.repository"
"""True where a pull request's branch is of this repository, and so its author may write to it."""
WRITES = {
    ("preview.yml", "preview"): {"id-token", "pull-requests"},
    ("drift.yml", "drift"): {"id-token", "issues"},
    ("release.yml", "release"): {"contents", "id-token", "attestations"},
}
"""All that any job may write."""


class Part(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True)


class Step(Part):
    uses: str | None = None
    run: str | None = None
    env: Mapping[str, str] = Field(default_factory=dict)
    with_: Mapping[str, object] = Field(default_factory=dict, alias="with")


class Job(Part):
    condition: str = Field(default="", alias="if")
    permissions: Mapping[str, str] | None = None
    uses: str | None = None
    steps: list[Step] = []


class Workflow(Part):
    # YAML 1.1 takes the key `on` for a truth value.
    on: Mapping[str, object] = Field(alias="True")
    permissions: Mapping[str, str]
    jobs: Mapping[str, Job]


def workflow(path: Path) -> Workflow:
    content = yaml.safe_load(path.read_text())
    return Workflow.model_validate({str(key): value for key, value in content.items()})


def jobs() -> Iterator[tuple[Path, str]]:
    for path in FILES:
        for name in workflow(path).jobs:
            yield path, name


def steps() -> Iterator[Step]:
    for path, name in jobs():
        yield from workflow(path).jobs[name].steps


every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
every_job = pytest.mark.parametrize(
    ("path", "name"), list(jobs()), ids=[f"{path.stem}-{name}" for path, name in jobs()]
)


def written(job: Job) -> set[str]:
    return {what for what, how in (job.permissions or {}).items() if how == "write"}


def test_the_workflows_are_all_there() -> None:
    assert [path.name for path in FILES] == [
        *("ci.yml", "drift.yml", "nightly.yml", "preview.yml", "release.yml")
    ]


@every_file
def test_every_action_is_pinned_by_commit_with_its_version_beside_it(path: Path) -> None:
    lines = [line.strip().removeprefix("- ") for line in path.read_text().splitlines()]
    used = [line for line in lines if line.startswith("uses:")]
    assert used
    assert [line for line in used if not PINNED.match(line) and not LOCAL.match(line)] == []


def test_an_action_has_the_same_commit_everywhere() -> None:
    used = {step.uses for step in steps() if step.uses}
    assert len(used) == len({each.partition("@")[0] for each in used})


@every_file
def test_a_workflow_as_a_whole_may_at_most_read_the_source(path: Path) -> None:
    assert workflow(path).permissions in ({}, {"contents": "read"})


@every_job
def test_a_job_writes_only_what_it_is_for(path: Path, name: str) -> None:
    assert written(workflow(path).jobs[name]) == WRITES.get((path.name, name), set())


@every_file
def test_what_a_job_runs_is_one_make_target(path: Path) -> None:
    runs = [step.run for job in workflow(path).jobs.values() for step in job.steps if step.run]
    assert [run for run in runs if not MAKE.fullmatch(run)] == []


@every_file
def test_every_target_that_a_job_runs_exists(path: Path) -> None:
    targets = set(TARGET.findall((REPOSITORY / "Makefile").read_text()))
    runs = {step.run.split()[1] for job in workflow(path).jobs.values() for step in job.steps if step.run}
    assert runs - targets == set()


def test_every_target_of_ci_is_one_that_the_script_knows() -> None:
    matrix = yaml.safe_load((FOLDER / "ci.yml").read_text())["jobs"]["check"]["strategy"]["matrix"]["include"]
    nightly = {step.env["TARGET"] for step in workflow(FOLDER / "nightly.yml").jobs["long"].steps if step.run}
    script = (REPOSITORY / "tools" / "ci.sh").read_text()
    named = re.findall(r"^([a-z0-9 |-]+)\)", script, re.MULTILINE)
    known = {target.strip() for line in named for target in line.split("|")}
    by_push = {"lint", "test-unit", "test-engine", "test-e2e"}
    assert {entry["target"] for entry in matrix} == by_push
    assert nightly == known - by_push == {"test-long"}


def test_ci_runs_unit_and_engine_tests_on_the_oldest_and_the_newest_python() -> None:
    matrix = yaml.safe_load((FOLDER / "ci.yml").read_text())["jobs"]["check"]["strategy"]["matrix"]["include"]
    for target in ("test-unit", "test-engine"):
        assert [entry["python"] for entry in matrix if entry["target"] == target] == [OLDEST, NEWEST]


@every_file
def test_no_stranger_s_code_runs_as_this_repository(path: Path) -> None:
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow(path).on)


@every_job
def test_a_pull_request_of_a_fork_gets_no_credentials_and_no_right_to_write(path: Path, name: str) -> None:
    found = workflow(path)
    job = found.jobs[name]
    if "pull_request" in found.on and written(job):
        assert OWN in job.condition.split(" && ")


@every_file
def test_no_key_is_stored_at_github(path: Path) -> None:
    assert not re.search(r"\$\{\{[^}]*\bsecrets\b", path.read_text())


@every_job
def test_who_is_vouched_for_at_google_runs_only_where_the_repository_is_set_up(path: Path, name: str) -> None:
    job = workflow(path).jobs[name]
    if any((step.uses or "").startswith("google-github-actions/auth@") for step in job.steps):
        assert "vars.HOMEPORT_STACKS != ''" in job.condition.split(" && ")


def test_a_checkout_leaves_no_token_behind() -> None:
    checkouts = [step for step in steps() if (step.uses or "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step.with_.get("persist-credentials") is False for step in checkouts)


def test_the_preview_has_the_rules_and_the_engine_of_the_sdk() -> None:
    (preview,) = (step for step in steps() if (step.uses or "").startswith("pulumi/actions@"))
    assert preview.with_["command"] == "preview"
    assert preview.with_["policyPacks"] == "policies"
    assert preview.with_["pulumi-version"] == "${{ steps.engine.outputs.version }}"
