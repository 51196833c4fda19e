"""Which network a box gets: one that this computer reaches nothing else by."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

from sandbox.subnets import free_subnets, name_servers, routes

HEADER = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"


def test_the_first_network_is_taken_that_overlaps_with_none() -> None:
    taken = [IPv4Network("172.31.0.0/24"), IPv4Network("172.31.1.128/25"), IPv4Network("10.0.0.0/8")]
    assert next(free_subnets(taken)) == IPv4Network("172.31.2.0/24")


def test_where_all_is_taken_there_is_none() -> None:
    assert next(free_subnets([IPv4Network("172.16.0.0/12")]), None) is None


def test_a_route_of_this_computer_counts_and_the_default_route_does_not(tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text(
        HEADER
        + "eth0\t00000000\t01101FAC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        + "eth0\t00101FAC\t00000000\t0001\t0\t0\t0\t00F0FFFF\t0\t0\t0\n"
    )
    assert list(routes(table)) == [IPv4Network("172.31.16.0/20")]


def test_a_computer_without_a_table_of_routes_has_none(tmp_path: Path) -> None:
    assert list(routes(tmp_path / "none")) == []


def test_a_name_server_that_is_reached_by_the_default_route_counts(tmp_path: Path) -> None:
    configuration = tmp_path / "resolv.conf"
    configuration.write_text("# of a cloud\nsearch internal\nnameserver 172.31.0.2\nnameserver fe80::1\n")
    taken = list(name_servers(configuration))
    assert taken == [IPv4Network("172.31.0.2/32")]
    assert next(free_subnets(taken)) == IPv4Network("172.31.1.0/24")
