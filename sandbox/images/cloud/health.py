"""Exits 0 when every part of the cloud answers."""

from __future__ import annotations

import os
import socket
import sys

from dnslib import DNSRecord

OWN = os.environ["ADDRESS"]

for port in (443, 465, 587, 2525, 14000, 15000):
    socket.create_connection((OWN, port), timeout=1).close()
socket.create_connection(("169.254.169.254", 80), timeout=1).close()
answer = DNSRecord.parse(DNSRecord.question("ghcr.io").send(OWN, 53, timeout=1))
sys.exit(0 if answer.rr else 1)
