"""`make status` of the stack in the sandbox: well, unwell, and out of reach."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from operations.outdated_facts import OutdatedFacts
from operations.resolver import DnsResolver
from operations.status import Question, look
from operations.status_facts import StatusFacts
from operations.status_machine_report import MachineReport
from operations.status_place import Place
from operations.workspace import Workspace
from sandbox.deployment import write_workspace
from sandbox.engine import REPOSITORY
from tests.e2e.deployed import HOSTNAME, Deployed, run

TIMER = """\
[Timer]
OnCalendar=Mon..Fri 03:00
[Install]
WantedBy=timers.target
"""
SERVICE = "[Service]\nType=oneshot\nExecStart=/bin/false\n"
FAILED = '{"time": "2026-11-21T03:00:00Z", "ok": false, "error": "no \\"room\\" on C:\\\\a"}'


@dataclass(frozen=True)
class Looked:
    """What the command printed, and how it ended."""

    status: int
    output: str
    errors: str


@dataclass(frozen=True)
class Operator:
    """Somebody with a project that has the stack's workspace, as after `make demo`, and nothing else."""

    deployed: Deployed
    folder: Path

    def status(self, *arguments: str) -> Looked:
        return self.run("status", *arguments)

    def outdated(self, *arguments: str) -> Looked:
        return self.run("outdated", *arguments)

    def run(self, command: str, *arguments: str) -> Looked:
        ran = subprocess.run(
            [
                *(sys.executable, "-m", f"operations.{command}"),
                *("--project", str(self.folder), "--stack", "sandbox", *arguments),
            ],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
        )
        return Looked(ran.returncode, ran.stdout, ran.stderr)

    def report(self) -> MachineReport:
        ssh = str(self.deployed.engine.outputs()["ssh"])
        return Place("sandbox", ssh).report(str(self.label))

    @property
    def label(self) -> str:
        container = self.deployed.container("nginx")
        return self.deployed.docker(
            "inspect", "--format", '{{index .Config.Labels "homeport.deployment"}}', container
        )


@pytest.fixture(scope="module")
def anybody(deployed: Deployed) -> Operator:
    """Somebody with the workspace of the tests' box in place of the demo's."""
    folder = deployed.box.directory / "operator"
    (folder / "stacks").mkdir(parents=True, exist_ok=True)
    written = write_workspace(deployed.box, deployed.description, deployed.engine, "make demo")
    (folder / "stacks" / "sandbox.workspace.yaml").write_text(f"file: {written}\n")
    return Operator(deployed, folder)


@pytest.fixture(scope="module")
def told(anybody: Operator) -> Looked:
    """What is told of a stack that was deployed, as JSON."""
    return anybody.status("--json")


@pytest.fixture(scope="module")
def operator(anybody: Operator, told: Looked) -> Operator:
    """Somebody with a stack that can be well on this computer."""
    machine = StatusFacts.model_validate_json(told.output).machine
    assert machine is not None
    if any(space.attention for space in machine.spaces if space.name != "data disk"):
        pytest.skip("the machine has the boot disk and swap of this computer, and they are nearly full")
    return anybody


def named(looked: Looked) -> str:
    """The list at the end of the screen."""
    return looked.output.partition("Needs attention\n")[2]


def test_a_stack_that_was_deployed_is_well(operator: Operator) -> None:
    looked = operator.status()
    assert (looked.status, looked.errors) == (0, ""), looked.output + looked.errors
    assert looked.output.endswith("sandbox is well\n")
    assert "!" not in looked.output
    assert f"{HOSTNAME}  A {operator.deployed.address}" in looked.output


def test_the_registry_tells_which_images_have_newer_versions(operator: Operator) -> None:
    looked = operator.outdated("--json")
    assert (looked.status, looked.errors) == (1, ""), looked.output + looked.errors
    facts = OutdatedFacts.model_validate_json(looked.output)
    assert facts.undeployed is None
    assert all(image.deployed for image in facts.images)
    newer = {image.image: image.newer.tag for image in facts.images if image.newer}
    assert newer == {"mattermost/mattermost-team-edition": "11.11.1"}
    later = {image.image: image.next_line.tag for image in facts.images if image.next_line}
    assert later == {"postgres": "18.6"}


def test_a_fresh_stack_has_not_drifted(operator: Operator) -> None:
    looked = operator.status("--drift")
    assert "  none: everything is as the state says" in looked.output
    assert looked.status == 0


def test_every_service_is_told_with_its_version_memory_and_health(operator: Operator, told: Looked) -> None:
    facts = StatusFacts.model_validate_json(told.output)
    services = {f"{fact.app}/{fact.service}": fact for fact in facts.services}
    assert list(services) == [
        *("mattermost/mattermost", "mattermost/postgres"),
        *("edge/acme-companion", "edge/docker-gen", "edge/nginx"),
    ]
    assert {fact.state for fact in services.values()} == {"healthy"}
    assert services["mattermost/mattermost"].image == "mattermost/mattermost-team-edition:11.7.0"
    assert all(0 < (fact.memory or 0) < (fact.limit or 0) for fact in services.values())


def test_the_certificate_is_the_one_that_is_served_and_trusted(operator: Operator, told: Looked) -> None:
    (certificate,) = StatusFacts.model_validate_json(told.output).certificates
    assert (certificate.hostname, certificate.trusted) == (HOSTNAME, True)
    assert "Pebble" in str(certificate.issuer)


def test_json_is_all_that_is_printed_and_has_the_same_verdict(operator: Operator, told: Looked) -> None:
    facts = json.loads(told.output)
    assert (facts["exitStatus"], facts["allAttention"], told.status, told.errors) == (0, [], 0, "")


def test_a_stopped_container_is_named_with_what_to_do(operator: Operator) -> None:
    name = operator.deployed.docker("ps", "--format", "{{.Names}}", "--filter", "label=homeport.role=nginx")
    operator.deployed.docker("stop", name)
    try:
        looked = operator.status()
    finally:
        operator.deployed.docker("start", name)
    assert looked.status == 1
    assert "edge/nginx does not run: exited" in named(looked)
    assert f"docker start {name}" in named(looked)
    # Nobody answers on port 443 without it.
    assert f"{HOSTNAME}: the machine shows no certificate" in named(looked)


def test_containers_that_are_gone_or_strange_are_named_and_the_advice_repairs_it(operator: Operator) -> None:
    machine = operator.deployed
    image = machine.docker("inspect", "--format", "{{.Image}}", machine.container("nginx"))
    label = f"homeport.deployment={operator.label}"
    machine.docker("rm", "--force", "sandbox-docker-gen")
    machine.docker(
        "run", "--detach", "--name", "stray", "--label", label, "--entrypoint", "sleep", image, "600"
    )
    try:
        looked = operator.status("--drift")
        assert looked.status == 1
        assert "edge/docker-gen has no container: sandbox-docker-gen is gone" in named(looked)
        assert "unknown/stray: Pulumi's state does not know the container stray" in named(looked)
        assert "! gone docker-gen (container)" in looked.output
    finally:
        machine.docker("rm", "--force", "stray")
        machine.engine.up(refresh=True)
    assert operator.status("--drift").status == 0


@pytest.mark.parametrize(
    ("operation", "arguments", "status", "said"),
    [
        ("backup", ("backup",), 2, "this stack makes no backups: set homeport:backup"),
        ("mail_check", (), 1, "this stack has no homeport:mail"),
        (
            "import_app",
            ("--app", "nothing", "--database", "dump.sql"),
            2,
            "the stack has no app nothing; it has mattermost",
        ),
    ],
)
def test_every_other_command_reaches_the_stack_the_same_way(
    operator: Operator, operation: str, arguments: tuple[str, ...], status: int, said: str
) -> None:
    ran = operator.run(operation, *arguments)
    assert said in ran.output + ran.errors
    assert ran.status == status


@pytest.fixture
def broken_unit(operator: Operator) -> Iterator[None]:
    """A backup that fails, and its timer, as far as systemd knows."""
    machine, units = operator.deployed, "/etc/systemd/system/homeport-backup"
    for suffix, text in {"service": SERVICE, "timer": TIMER}.items():
        machine.on_machine("tee", f"{units}.{suffix}", stdin=text)
    machine.on_machine("mkdir", "-p", "/var/lib/homeport/backup")
    machine.on_machine("tee", "/var/lib/homeport/backup/last.json", stdin=FAILED)
    machine.on_machine("sh", "-c", "systemctl daemon-reload; systemctl start homeport-backup.timer")
    machine.on_machine("systemctl", "start", "homeport-backup.service")
    yield
    machine.on_machine("systemctl", "stop", "homeport-backup.timer")
    machine.on_machine("sh", "-c", f"rm -r {units}.* /var/lib/homeport/backup; systemctl daemon-reload")
    machine.on_machine("systemctl", "reset-failed")


@pytest.mark.usefixtures("broken_unit")
def test_a_failed_unit_is_named(operator: Operator) -> None:
    looked = operator.status()
    assert looked.status == 1
    assert "homeport-backup.service has failed" in named(looked)


@pytest.mark.usefixtures("broken_unit")
def test_a_failed_backup_is_named(operator: Operator) -> None:
    pulumi = Workspace.of("sandbox", operator.folder).run()

    def with_backups(arguments: Sequence[str]) -> str:
        printed = pulumi(arguments)
        if arguments[:2] != ["stack", "output"]:
            return printed
        return json.dumps({**json.loads(printed), "backup": {"schedule": "Mon..Fri 03:00"}})

    resolver = DnsResolver(operator.deployed.description.cloud_address)
    facts = look(Question("sandbox", with_backups, resolver, root=operator.deployed.box.acme_root))
    assert facts.exit_status == 1
    assert 'the last backup failed: no "room" on C:\\a' in [each.what for each in facts.attention]


@pytest.mark.usefixtures("broken_unit")
def test_the_machine_tells_of_its_backups_word_by_word(operator: Operator) -> None:
    backup = operator.report().backup
    assert (backup.last, backup.verified) == (FAILED, None)
    # From Friday to Monday.
    assert backup.pause == 3 * 24 * 3600


def test_updates_that_wait_for_a_restart_are_shown(operator: Operator) -> None:
    machine = operator.deployed
    machine.on_machine("tee", "/var/run/reboot-required", stdin="*** restart ***")
    machine.on_machine("tee", "/var/run/reboot-required.pkgs", stdin="libc6\nlibc6\nlinux-image\n")
    try:
        looked = operator.status()
    finally:
        machine.on_machine("sh", "-c", "rm /var/run/reboot-required*")
    assert "some wait for a restart of the machine (sudo reboot): libc6, linux-image" in looked.output
    assert looked.status == 0


def test_a_docker_engine_that_is_down_is_told_as_such(operator: Operator) -> None:
    machine = operator.deployed
    # live-restore: the containers go on.
    machine.on_machine("systemctl", "stop", "docker.socket", "docker.service")
    try:
        looked = operator.status()
    finally:
        machine.on_machine("systemctl", "start", "docker.socket", "docker.service")
    assert looked.status == 1
    assert "Docker does not answer" in named(looked)
    assert "has no container" not in named(looked)


def test_a_machine_out_of_reach_is_told_with_its_name_and_what_to_try(operator: Operator) -> None:
    machine = operator.deployed.machine
    assert run("docker", "pause", machine).status == 0
    try:
        looked = operator.status()
    finally:
        run("docker", "unpause", machine)
    assert looked.status == 2
    assert f"the machine {operator.deployed.address} cannot be asked" in named(looked)
    assert "make demo writes the keys" in named(looked)
    assert f"  {HOSTNAME}  A {operator.deployed.address}" in looked.output
    assert f"! {HOSTNAME}  none" in looked.output


def test_a_stack_that_nobody_knows_cannot_be_looked_at(operator: Operator) -> None:
    known = operator.folder / "stacks" / "sandbox.workspace.yaml"
    shutil.copy(known, known.with_name("nobody.workspace.yaml"))
    looked = operator.status("--stack", "nobody", "--json")
    facts = json.loads(looked.output)
    assert (looked.status, facts["exitStatus"]) == (2, 2)
    assert "no stack named 'nobody' found" in facts["couldNotLook"]["what"]
