"""The sandbox's DNS: the zones and records of /srv/cloud/dns.json, everything else from upstream."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypedDict

from dnslib import QTYPE, RCODE, RR, SOA, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSServer

RECORDS = Path("/srv/cloud/dns.json")
# What the world outside has and the sandbox answers for itself: in its own address, or in a store's.
NAMES = (
    *("registry-1.docker.io.", "index.docker.io.", "auth.docker.io.", "ghcr.io."),
    "acme.sandbox.test.",
    "other-acme.sandbox.test.",
    *(f"{host}." for host in os.environ["MAIL_HOSTS"].split()),
)
ELSEWHERE = {
    "metadata.google.internal.": "169.254.169.254",
    "storage.googleapis.com.": os.environ["GOOGLE_ADDRESS"],
    "www.googleapis.com.": os.environ["GOOGLE_ADDRESS"],
    "monitoring.googleapis.com.": os.environ["MONITORING_ADDRESS"],
    f"{os.environ['S3_HOST']}.": os.environ["S3_ADDRESS"],
}
NEGATIVE_TTL = 1


class Record(TypedDict):
    """A record set of the file."""

    name: str
    type: str
    ttl: int
    values: list[str]


class Resolver(BaseResolver):  # type: ignore[misc]  # the library has no types
    """Answers from the file as it is now."""

    def __init__(self, own: str, upstream: str) -> None:
        self._addresses = {**dict.fromkeys(NAMES, own), **ELSEWHERE}
        self._upstream = upstream

    def resolve(self, request: DNSRecord, handler: DNSHandler) -> DNSRecord:
        name, kind = str(request.q.qname).lower(), QTYPE[request.q.qtype]
        if name in self._addresses:
            reply = request.reply()
            if kind == "A":
                reply.add_answer(*RR.fromZone(f"{name} 60 IN A {self._addresses[name]}"))
            return reply
        world = json.loads(RECORDS.read_text()) if RECORDS.exists() else {"zones": {}, "records": []}
        around = [zone for zone in world["zones"] if name == zone or name.endswith(f".{zone}")]
        zone = max(around, key=len, default=None)
        if zone is None:
            return self._forward(request)
        return self._answer(request, name, kind, zone, world["records"])

    def _answer(
        self, request: DNSRecord, name: str, kind: str, zone: str, records: list[Record]
    ) -> DNSRecord:
        reply = request.reply()
        here = [record for record in records if record["name"].lower() == name]
        # A stub resolver asks once: where a CNAME leads to is part of the answer.
        asked, seen = [name], {name}
        for owner in asked:
            for record in (record for record in records if record["name"].lower() == owner):
                if record["type"] in {kind, "CNAME"} or kind == "ANY":
                    for value in record["values"]:
                        reply.add_answer(*RR.fromZone(f"{owner} {record['ttl']} IN {record['type']} {value}"))
                if record["type"] == "CNAME" and kind != "CNAME" and record["values"][0].lower() not in seen:
                    seen.add(record["values"][0].lower())
                    asked.append(record["values"][0].lower())
        if not reply.rr:
            if not here and not any(record["name"].lower().endswith(f".{name}") for record in records):
                reply.header.rcode = RCODE.NOERROR if name == zone else RCODE.NXDOMAIN
            soa = SOA(f"ns1.{zone}", f"hostmaster.{zone}", (1, 60, 60, 60, NEGATIVE_TTL))
            reply.add_auth(RR(zone, QTYPE.SOA, ttl=NEGATIVE_TTL, rdata=soa))
        return reply

    def _forward(self, request: DNSRecord) -> DNSRecord:
        try:
            return DNSRecord.parse(request.send(self._upstream, 53, timeout=5))
        except (TimeoutError, OSError, ValueError):
            reply = request.reply()
            reply.header.rcode = RCODE.SERVFAIL
            return reply


def serve_dns(own: str, addresses: list[str], upstream: str) -> None:
    """Serve on UDP and TCP until the process ends.

    Each address has a socket of its own: an answer must come from the address that was asked.
    """
    resolver = Resolver(own, upstream)
    servers = [
        DNSServer(resolver, port=53, address=address, tcp=tcp)
        for address in addresses
        for tcp in (True, False)
    ]
    for server in servers[1:]:
        server.start_thread()
    servers[0].start()
