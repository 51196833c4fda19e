"""A deployed stack `chat` to look at, without an engine, a machine or a network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from operations.deployed_stack import PulumiError, Run
from operations.status import Question
from operations.status_certificate import Show, Shown, Trust
from operations.status_machine_report import MachineReport
from operations.status_place import Place
from tests.unit.operations.world import World
from tests.unit.stacks.configuration import Value, chat

RECORDED = Path(__file__).parent / "recorded"
NOW = datetime(2026, 11, 21, 10, 14, tzinfo=UTC)
ADDRESS = "203.0.113.10"
HOSTNAME = "chat.example.com"
SSH = f"ssh -i key homeport@{ADDRESS}"
PLACE = Place("chat", SSH)
RECORD = f"{HOSTNAME}. 300 IN A {ADDRESS}"
WELL_NAMED = World(a={HOSTNAME: [ADDRESS]})
SERVER = "homeport:edge.certificate.server"


def machine(name: str) -> MachineReport:
    """A recorded machine, `well` or `bad`."""
    return MachineReport.model_validate_json((RECORDED / f"machine_{name}.json").read_text())


def changed(report: MachineReport, container: str, **changes: object) -> MachineReport:
    """A report with one container changed, by the end of its name."""
    containers = [
        each.model_copy(update=changes) if each.name.endswith(container) else each
        for each in report.engine.containers
    ]
    return report.model_copy(update={"engine": report.engine.model_copy(update={"containers": containers})})


def exported(*, leaving: Sequence[str] = (), pending: int = 0) -> str:
    """What `pulumi stack export` prints of the stack that the recorded machines belong to."""
    resources: list[dict[str, object]] = [
        {
            "urn": "urn:pulumi:chat::homeport::random:index/randomId:RandomId::homeport-chat-deployment",
            "type": "random:index/randomId:RandomId",
            "id": "x",
            "created": "2026-10-01T10:00:00Z",
            "outputs": {"hex": "b4d86733f99fd3aa"},
        }
    ]
    for container in machine("well").engine.containers:
        name = container.name.removeprefix("/")
        labels = [{"label": key, "value": value} for key, value in container.labels.items()]
        resources.append(
            {
                "urn": f"urn:pulumi:chat::homeport::docker:index/container:Container::{name[5:]}",
                "type": "docker:index/container:Container",
                "id": container.id,
                "delete": name in leaving,
                "inputs": {"name": name, "labels": labels, "envs": {"ciphertext": "..."}},
            }
        )
    return json.dumps(
        {
            "deployment": {
                "resources": resources,
                "pending_operations": [{"resource": resources[-1], "type": "creating"}] * pending,
            }
        }
    )


def pulumi(
    *,
    state: str | None = None,
    outputs: Mapping[str, object] | None = None,
    refresh: str | None = None,
    server: Value = "production",
) -> Run:
    """The command, for the stack `chat` alone."""
    config = {key: {"value": value} for key, value in chat().set(SERVER, server).config.items()}
    told = {"address": ADDRESS, "ssh": SSH, "dnsRecords": [RECORD], **(outputs or {})}

    def run(arguments: Sequence[str]) -> str:
        if arguments[-1] != "chat":
            raise PulumiError(f"error: no stack named '{arguments[-1]}' found")
        answers = {
            "config": json.dumps(config),
            "stack output": json.dumps(told if outputs != {} else {}),
            "stack export": state or exported(),
            "stack history": "[]",
            "refresh": refresh or "",
        }
        command = " ".join(arguments[:2]) if arguments[0] == "stack" else arguments[0]
        return answers[command]

    return run


def certificate(
    names: Sequence[str] = (HOSTNAME,), days: int = 62, issuer: str = "R11", lifetime: float = 90
) -> x509.Certificate:
    """One that has so many days, and an hour, left at `NOW`, of a lifetime in days."""
    key = ec.generate_private_key(ec.SECP256R1())
    expires = NOW + timedelta(days=days, hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .not_valid_before(expires - timedelta(days=lifetime))
        .not_valid_after(expires)
        .serial_number(1)
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )


def showing(shown: x509.Certificate | OSError, problem: str | None = None) -> Callable[[str, Trust], Show]:
    """A server that shows this certificate, or none."""

    def connect(_address: str, _trust: Trust) -> Show:
        def show(_hostname: str) -> Shown:
            if isinstance(shown, OSError):
                raise shown
            return Shown(shown, problem)

        return show

    return connect


def reporting(report: MachineReport | Exception) -> Callable[[Place, str], MachineReport]:
    """A machine that says this, or that cannot be asked."""

    def ask(_place: Place, deployment: str) -> MachineReport:
        assert deployment == "b4d86733f99fd3aa"
        if isinstance(report, Exception):
            raise report
        return report

    return ask


def question(
    report: MachineReport | Exception,
    *,
    run: Run | None = None,
    show: Callable[[str, Trust], Show] | None = None,
    world: World = WELL_NAMED,
    stack: str = "chat",
    drift: bool = False,
) -> Question:
    """About that stack, all of it well but what is said."""
    return Question(
        stack=stack,
        run=run or pulumi(outputs={"backup": {"to": "bucket"}}),
        resolver=world,
        drift=drift,
        report=reporting(report),
        show=show or showing(certificate()),
        ask=lambda _place, _names: (),
        now=NOW,
    )
