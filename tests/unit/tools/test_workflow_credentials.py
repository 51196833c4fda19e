"""Workflows of GitHub: what a pull request's author may run never runs where credentials are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parent.parent.parent.parent
FILES = sorted((REPOSITORY / ".github" / "workflows").glob("*.y*ml"))

OWN = "github.event.pull_request.head.repo.full_name == github.repository"
"""Which a pull request from a fork does not fulfil."""
WITHOUT_PULL_REQUESTS = frozenset({"push", "schedule", "workflow_dispatch", "release"})
"""Triggers that only who may write to the repository, or the clock, can pull."""
RUNS_WITH_CREDENTIALS = frozenset({"pull_request_target", "workflow_run", "issue_comment"})
"""Triggers that a stranger pulls, and that GitHub gives the repository's own credentials."""
_SECRET = re.compile(r"\$\{\{[^}]*\bsecrets\b(?!\.GITHUB_TOKEN\b)")
_STRANGERS_CODE = re.compile(
    r"github\.(event\.(pull_request|workflow_run|issue)\b|head_ref)|refs/pull/|gh pr checkout"
)


@dataclass(frozen=True)
class Job:
    """One job of a workflow, and what triggers it."""

    name: str
    triggers: frozenset[str]
    settings: Mapping[str, object]
    environment: object
    """The workflow's, which every job has."""
    permissions: object
    """Its own, else the workflow's, else None: then GitHub's default."""

    @property
    def identity(self) -> bool:
        """Whether it may ask GitHub for the token that a cloud takes."""
        if isinstance(self.permissions, Mapping):
            return self.permissions.get("id-token") == "write"
        return self.permissions == "write-all"

    @property
    def secrets(self) -> bool:
        """Whether a stored secret is put in; the token of the run itself is limited by `permissions`."""
        text = f"{self.settings} {self.environment}"
        return _SECRET.search(text) is not None or self.settings.get("secrets") == "inherit"

    @property
    def guarded(self) -> bool:
        """Whether its condition holds for pull requests of this repository's own branches only.

        One part of a chain of `&&` must say it: an `||` would let others pass.
        """
        condition = str(self.settings.get("if", "")).strip().removeprefix("${{").removesuffix("}}")
        return "||" not in condition and OWN in [part.strip() for part in condition.split("&&")]

    @property
    def mistakes(self) -> Iterator[str]:
        """What lets a stranger's code near credentials."""
        strangers = self.triggers - WITHOUT_PULL_REQUESTS
        if strangers & RUNS_WITH_CREDENTIALS and _STRANGERS_CODE.search(str(self.settings)):
            yield f"{self.name}: runs a stranger's code on {', '.join(sorted(strangers))}"
        if strangers and (self.identity or self.secrets) and not self.guarded:
            yield f"{self.name}: has credentials on {', '.join(sorted(strangers))} without `if: {OWN}`"
        if strangers and self.permissions is None:
            yield f"{self.name}: says no permissions, so it has what the repository's settings give"


def jobs(file: str, text: str) -> list[Job]:
    """Those of a workflow's file."""
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    on = workflow.get("on", workflow.get(True))
    triggers = frozenset([on] if isinstance(on, str) else on)
    return [
        Job(
            name=f"{file}: {name}",
            triggers=triggers,
            settings=settings,
            environment=workflow.get("env"),
            permissions=settings.get("permissions", workflow.get("permissions")),
        )
        for name, settings in workflow["jobs"].items()
    ]


def mistakes(text: str) -> list[str]:
    """What is wrong with a workflow called `x`."""
    return [mistake for job in jobs("x", text) for mistake in job.mistakes]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_pull_request_from_a_fork_gets_no_credentials(file: Path) -> None:
    assert [mistake for job in jobs(file.name, file.read_text()) for mistake in job.mistakes] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_workflow_runs_for_strangers_with_this_repositorys_credentials(file: Path) -> None:
    assert {trigger for job in jobs(file.name, file.read_text()) for trigger in job.triggers} & (
        RUNS_WITH_CREDENTIALS
    ) == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_checkout_leaves_no_token_behind(file: Path) -> None:
    for job in jobs(file.name, file.read_text()):
        steps = job.settings.get("steps", [])
        assert isinstance(steps, list)
        checkouts = [step for step in steps if str(step.get("uses", "")).startswith("actions/checkout@")]
        assert [step.get("with", {}).get("persist-credentials") for step in checkouts] == [False] * len(
            checkouts
        )


def test_the_preview_has_an_identity_and_asks_who_opened_the_pull_request() -> None:
    preview = REPOSITORY / ".github" / "workflows" / "preview.yml"
    found = [job for job in jobs(preview.name, preview.read_text()) if job.identity]
    assert found
    assert all(job.guarded for job in found)


WORKFLOW = """
on: {trigger}
permissions: {{}}
jobs:
  it:
    if: "{condition}"
    permissions: {permissions}
    steps: [{{run: make, env: {{KEY: "{value}"}}}}]
"""
READ = "{contents: read}"
IDENTITY = "{id-token: write}"


@pytest.mark.parametrize(
    ("trigger", "condition", "permissions", "value"),
    [
        ("pull_request", "true", IDENTITY, "1"),
        ("pull_request", "true", "write-all", "1"),
        ("pull_request", f"{OWN} || github.actor == 'ada'", IDENTITY, "1"),
        ("pull_request", f"!({OWN})", IDENTITY, "1"),
        ("[push, pull_request]", "true", READ, "${{ secrets.KEY }}"),
        ("pull_request_target", OWN, READ, "${{ github.event.pull_request.head.sha }}"),
        ("workflow_run", "true", IDENTITY, "1"),
        ("workflow_run", OWN, READ, "${{ github.event.workflow_run.head_sha }}"),
    ],
)
def test_a_workflow_that_trusts_a_stranger_is_found(
    trigger: str, condition: str, permissions: str, value: str
) -> None:
    text = WORKFLOW.format(trigger=trigger, condition=condition, permissions=permissions, value=value)
    assert len(mistakes(text)) == 1


@pytest.mark.parametrize(
    ("trigger", "condition", "permissions", "value"),
    [
        ("pull_request", f"vars.STACKS != '' && {OWN}", IDENTITY, "1"),
        ("pull_request", f"${{{{ {OWN} }}}}", READ, "${{ secrets.KEY }}"),
        ("pull_request", "true", READ, "${{ secrets.GITHUB_TOKEN }}"),
        ("schedule", "true", IDENTITY, "${{ secrets.KEY }}"),
    ],
)
def test_a_workflow_that_trusts_no_stranger_is_accepted(
    trigger: str, condition: str, permissions: str, value: str
) -> None:
    text = WORKFLOW.format(trigger=trigger, condition=condition, permissions=permissions, value=value)
    assert mistakes(text) == []


def test_a_secret_in_the_environment_of_all_jobs_is_found() -> None:
    text = WORKFLOW.format(trigger="pull_request", condition="true", permissions=READ, value="1")
    assert len(mistakes(f"env: {{KEY: '${{{{ secrets.KEY }}}}'}}\n{text}")) == 1


def test_a_workflow_for_pull_requests_says_its_permissions() -> None:
    assert len(mistakes("on: pull_request\njobs: {it: {steps: [{run: make}]}}")) == 1
