"""Whether the machine is well: its disks, swap, Docker engine, systemd units and updates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from operations.status_facts import Attention, MachineFact, SpaceFact
from operations.status_machine_report import Disk, MachineReport, Swap
from operations.status_place import Place

DISK_PERCENT = 85
"""A new image and a database's vacuum need some room, and PostgreSQL stops when there is none."""
SWAP_PERCENT = 80
"""What is beyond it goes on slowly, and then the kernel ends processes."""


def machine_fact(report: MachineReport, place: Place) -> MachineFact:
    """The machine, judged."""
    spaces = []
    if place.is_remote:
        mounted = report.data if report.data and report.data.mounted else None
        spaces.append(_disk("data disk", mounted, place) if mounted else _no_data_disk(place))
    if report.boot:
        spaces.append(_disk("boot disk", report.boot, place))
    spaces.append(_swap(report.swap, place))
    return MachineFact(
        up=report.up,
        docker=report.engine.version,
        spaces=tuple(spaces),
        failed_units=tuple(report.failed_units),
        restart_packages=None if report.restart_packages is None else tuple(report.restart_packages),
        attention=tuple(_attention(report, place)),
    )


def _attention(report: MachineReport, place: Place) -> Iterator[Attention]:
    if report.engine.error is not None:
        yield Attention(
            what=f"Docker does not answer: {report.engine.error.strip() or 'no word within 20 seconds'}",
            do=place.command("sudo systemctl restart docker") if place.is_remote else "start Docker",
        )
    for unit in report.failed_units:
        yield Attention(
            what=f"{unit} has failed",
            do=f"read why, {place.command(f'sudo journalctl -n 50 -u {unit}')}",
        )


def _no_data_disk(place: Place) -> SpaceFact:
    problem = Attention(
        what="the data disk is not mounted: everything is written to the boot disk, or nothing is",
        do=place.command("sudo tail -n 40 /var/log/homeport-bootstrap.log"),
    )
    return SpaceFact(name="data disk", used=0, total=0, attention=(problem,))


def _disk(name: Literal["data disk", "boot disk"], disk: Disk, place: Place) -> SpaceFact:
    attention: tuple[Attention, ...] = ()
    percent = disk.used * 100 // disk.total if disk.total else 100
    if disk.used * 100 > DISK_PERCENT * disk.total:
        grow = ""
        if place.is_remote:
            setting = "dataDisk" if name == "data disk" else "bootDisk"
            grow = f", or raise {setting} in {place.settings_file}"
        look = place.command("docker system df" if name == "data disk" else f"sudo du -xhd 2 {disk.path}")
        attention = (
            Attention(what=f"the {name} is full to {percent} %", do=f"see what is on it, {look}{grow}"),
        )
    return SpaceFact(name=name, used=disk.used, total=disk.total, attention=attention)


def _swap(swap: Swap, place: Place) -> SpaceFact:
    attention: tuple[Attention, ...] = ()
    if swap.used * 100 > SWAP_PERCENT * swap.total:
        percent = swap.used * 100 // swap.total
        grow = "a larger machineType" if place.is_remote else "more memory"
        attention = (
            Attention(
                what=f"{percent} % of the swap space is in use: the memory is too small",
                do=f"{place.command('docker stats --no-stream')} shows who uses it; {grow} has more",
            ),
        )
    return SpaceFact(name="swap", used=swap.used, total=swap.total, attention=attention)
