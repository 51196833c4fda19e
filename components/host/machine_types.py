"""Google Cloud's machine types that suit one machine with containers, and the memory each has."""

from __future__ import annotations

MACHINE_TYPES: dict[str, int] = {
    "e2-micro": 1024,
    "e2-small": 2048,
    "e2-medium": 4096,
    "e2-standard-2": 8192,
    "e2-standard-4": 16384,
    "e2-highmem-2": 16384,
    "n2-standard-2": 8192,
    "n2-standard-4": 16384,
    "n2d-standard-2": 8192,
    "n2d-standard-4": 16384,
    "t2d-standard-1": 4096,
    "t2d-standard-2": 8192,
}
"""Memory in MiB. Source: Google Cloud's machine family documentation, general-purpose machines."""

SYSTEM_RESERVE = 192
"""MiB that the operating system, sshd and the Docker engine keep for themselves; measured on Debian 12."""
