"""The estimate that a stack shows, and that nothing which costs is missing in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components.cost import ITEMS_OF
from tests.unit.deployment.recorder import REPOSITORY, STACKS, Changes, deployed
from tests.unit.deployment.recording import Recording, short
from tests.unit.deployment.value import Value, at

TREES = Path(__file__).parent / "trees"
CLOUDS = ("aws:", "gcp:")
NEW_ZONES: Changes = {
    "homeport:dns": {"kind": "clouddns", "zones": [{"name": "example.com", "create": True}]}
}
EVERYTHING: Changes = {
    **NEW_ZONES,
    "homeport:backup": {"store": {"kind": "gcs"}},
    "homeport:monitoring": {"email": "ada@example.com"},
    "homeport:logs": {"kind": "gcplogs"},
    "homeport:host.movedFrom": "us-west1-a",
}
"""A stack of every part that is made in a cloud."""
NO_RESOURCE = {"dataDiskBefore", "dnsZonesThere", "logs"}
"""Items of what other resources bring along, or that is there already."""


def items(recording: Recording) -> dict[str, str]:
    """The items of the bill."""
    found = at(recording.outputs["estimate"], ("cost", "items"))
    assert isinstance(found, dict)
    return {name: str(text) for name, text in found.items()}


def types(recording: Recording) -> set[str]:
    """The types of what is made in a cloud, as Pulumi shows them."""
    return {short(one.type) for one in recording.resources if short(one.type).startswith(CLOUDS)}


def memory(recording: Recording) -> dict[str, Value]:
    """What is shown about memory."""
    found = at(recording.outputs["estimate"], ("memory",))
    assert isinstance(found, dict)
    return found


def test_every_type_of_the_expected_resources_has_an_item_or_is_free() -> None:
    words = {word for tree in TREES.glob("*.txt") for word in tree.read_text().split()}
    found = {word for word in words if word.startswith(CLOUDS)}
    assert found
    assert found <= set(ITEMS_OF)


def test_every_type_that_the_code_makes_has_an_item_or_is_free() -> None:
    """The expected resources have no alert, no role and no zone that is made: no shipped stack has."""
    # Made without its package: see components/host/google_apis.py.
    made = {"gcp:projects:Service"}
    for path in (REPOSITORY / "components").rglob("*.py"):
        for line in path.read_text().splitlines():
            # Compute Engine's are named without the package: see components/host/compute.py.
            whole = re.sub(r"(?<![.\w])compute\.", "gcp.compute.", line)
            for package, module, kind in re.findall(r"\b(aws|gcp)\.([a-z0-9]+)\.([A-Z]\w*)\(", whole):
                if not kind.endswith(("Args", "Result")):
                    made.add(f"{package}:{module}:{kind}")
    assert made == set(ITEMS_OF)


@pytest.mark.parametrize("changes", [{}, NEW_ZONES, EVERYTHING], ids=["chat", "zones", "everything"])
def test_what_is_made_and_costs_is_on_the_bill(changes: Changes) -> None:
    recording = deployed("chat", changes)
    charged = {name for type_ in types(recording) for name in ITEMS_OF[type_]}
    assert charged <= set(items(recording))


def test_nothing_is_on_the_bill_that_is_not_made() -> None:
    recording = deployed("chat", EVERYTHING)
    charged = {name for type_ in types(recording) for name in ITEMS_OF[type_]}
    assert set(items(recording)) - NO_RESOURCE == charged


@pytest.mark.parametrize("stack", STACKS)
def test_the_estimate_is_known_in_a_preview(stack: str) -> None:
    preview, update = deployed(stack, preview=True), deployed(stack)
    assert preview.outputs["estimate"] == update.outputs["estimate"]


@pytest.mark.parametrize(
    ("stack", "total"),
    [
        ("chat", "0.00 to 4.95 USD a month, and what is by usage"),
        ("social", "16.68 to 19.28 USD a month, and what is by usage"),
        ("sandbox", "0.00 to 4.95 USD a month, and what is by usage"),
        ("local", "0.00 USD a month: it runs on a computer that is there"),
    ],
)
def test_a_shipped_stack_costs_what_its_file_and_the_documentation_say(stack: str, total: str) -> None:
    assert at(deployed(stack).outputs["estimate"], ("cost", "total")) == total


def test_the_total_is_there_for_programs_too() -> None:
    assert at(deployed("chat").outputs["estimate"], ("cost", "usd")) == {"low": 0.0, "high": 4.95}


def test_a_total_that_is_not_known_has_no_number() -> None:
    changes: Changes = {"homeport:host.region": "mars-north1", "homeport:host.zone": "mars-north1-a"}
    assert at(deployed("chat", changes).outputs["estimate"], ("cost", "usd")) == {"low": 3.65}


def test_the_age_of_the_prices_is_shown() -> None:
    shown = at(deployed("chat").outputs["estimate"], ("cost", "prices"))
    assert "price list of 2026-09-20" in str(shown)


def test_what_is_uncertain_is_named() -> None:
    assert at(deployed("chat").outputs["estimate"], ("cost", "uncertain")) == "snapshots, address"


def test_every_container_has_its_limit() -> None:
    assert memory(deployed("chat"))["containers"] == {
        "nginx": "128 MiB at most",
        "docker-gen": "32 MiB at most",
        "acme-companion": "96 MiB at most",
        "mattermost/postgres": "192 MiB at most",
        "mattermost/mattermost": "512 MiB at most",
    }


def test_the_memory_is_compared_with_the_machines() -> None:
    assert memory(deployed("chat"))["machine"] == "1024 MiB RAM + 2048 swap - 192 for the system"
    assert memory(deployed("chat"))["fits"] == "yes: 1472 MiB needed of 2880"


def test_what_an_update_needs_besides_is_shown() -> None:
    assert memory(deployed("chat"))["update"] == "512 MiB of the 1472: a second mattermost/mattermost 512"


def test_an_app_that_is_stopped_first_needs_nothing_besides() -> None:
    recording = deployed("chat", {"homeport:apps[0].rollout": "recreate"})
    assert "update" not in memory(recording)


def test_what_is_beyond_the_machines_ram_is_said() -> None:
    # 960 MiB of containers and 192 of the system, of 1024.
    assert memory(deployed("chat"))["swap"] == "128 MiB between updates, if every container uses all it may"


def test_a_machine_whose_containers_would_mostly_be_swapped_out_is_told() -> None:
    # 2 GiB for an app, on a machine of 1 GiB with swap in place of RAM.
    changes: Changes = {"homeport:host.swap": 4096, "homeport:apps[0].memory": 2048}
    assert "it would be very slow" in str(memory(deployed("chat", changes))["swap"])


def test_a_machine_with_enough_ram_has_nothing_to_swap() -> None:
    recording = deployed("chat", {"homeport:host.machineType": "e2-small"})
    assert "swap" not in memory(recording)
