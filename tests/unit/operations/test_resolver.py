"""The resolver that asks a DNS server, here one of this process."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from operations.resolver import DnsResolver, UnansweredError

ZONE = [
    ("long.example.com.", "TXT", '"v=DKIM1; " "p=x"'),
    ("alias.example.com.", "CNAME", "Long.example.com."),
    ("host.example.com.", "A", "203.0.113.10"),
    ("host.example.com.", "AAAA", "2001:db8::10"),
    ("back.example.com.", "MX", "10 in.example.net."),
]


class _Server(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, socket = self.request
        query = dns.message.from_wire(data)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        asked = query.question[0]
        name, kind = asked.name.to_text(), dns.rdatatype.to_text(asked.rdtype)
        if name.startswith("broken"):
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif not any(owner == name for owner, _, _ in ZONE):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        for owner, type_, value in ZONE:
            if owner == name and type_ in {kind, "CNAME"}:
                reply.answer.append(dns.rrset.from_text(owner, 60, "IN", type_, value))
                if type_ == "CNAME" and kind == "TXT":
                    reply.answer.append(dns.rrset.from_text("Long.example.com.", 60, "IN", "TXT", ZONE[0][2]))
        socket.sendto(reply.to_wire(), self.client_address)


@pytest.fixture(scope="module")
def resolver() -> Iterator[DnsResolver]:
    with socketserver.UDPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield DnsResolver("127.0.0.1", server.server_address[1], seconds=0.5)
        server.shutdown()


def test_a_text_is_put_together(resolver: DnsResolver) -> None:
    assert resolver.texts("long.example.com") == ["v=DKIM1; p=x"]


def test_a_text_is_found_behind_a_cname(resolver: DnsResolver) -> None:
    assert resolver.texts("alias.example.com") == ["v=DKIM1; p=x"]


def test_a_cname_is_told_in_lower_case(resolver: DnsResolver) -> None:
    assert resolver.cname("alias.example.com") == "long.example.com"


def test_mail_servers_are_told(resolver: DnsResolver) -> None:
    assert resolver.servers("back.example.com") == ["in.example.net"]


def test_addresses_are_told_by_their_type(resolver: DnsResolver) -> None:
    assert resolver.addresses("host.example.com", "A") == ["203.0.113.10"]
    assert resolver.addresses("host.example.com", "AAAA") == ["2001:db8::10"]


@pytest.mark.parametrize("name", ["nothing.example.com", "long.example.com"])
def test_what_is_not_there_is_not_an_error(resolver: DnsResolver, name: str) -> None:
    assert (resolver.cname(name), resolver.servers(name)) == (None, [])


def test_an_error_is_not_taken_for_nothing(resolver: DnsResolver) -> None:
    with pytest.raises(UnansweredError, match=r"broken\.example\.com"):
        resolver.texts("broken.example.com")
