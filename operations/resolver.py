"""Asking DNS, through the computer's resolver or one with a given address."""

from __future__ import annotations

from typing import Literal, Protocol

import dns.exception
import dns.resolver
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA


class UnansweredError(Exception):
    """No resolver answered, or the answer was an error."""


class Resolver(Protocol):
    """What the world sees. Names are without the final dot; all raise `UnansweredError`."""

    def texts(self, name: str) -> list[str]:
        """The TXT values of a name, each in one piece; a CNAME is followed."""
        ...

    def cname(self, name: str) -> str | None:
        """Where a CNAME points to; None where there is none."""
        ...

    def servers(self, name: str) -> list[str]:
        """The mail servers of a name."""
        ...

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> list[str]:
        """The addresses of a name; a CNAME is followed."""
        ...


class DnsResolver:
    """A real one. `seconds` is how long an answer may take."""

    def __init__(self, address: str | None = None, port: int = 53, seconds: float = 10) -> None:
        # A resolver of one's own needs no file that says which one the computer has.
        self._resolver = dns.resolver.Resolver(configure=address is None)
        self._resolver.lifetime = seconds
        if address:
            self._resolver.nameservers = [address]
            self._resolver.port = port

    def texts(self, name: str) -> list[str]:
        """See `Resolver.texts`."""
        found = (rdata for rdata in self._ask(name, "TXT") if isinstance(rdata, TXT))
        return [b"".join(rdata.strings).decode("ascii", "replace") for rdata in found]

    def cname(self, name: str) -> str | None:
        """See `Resolver.cname`."""
        found = [rdata for rdata in self._ask(name, "CNAME") if isinstance(rdata, CNAME)]
        return found[0].target.to_text(omit_final_dot=True).lower() if found else None

    def servers(self, name: str) -> list[str]:
        """See `Resolver.servers`."""
        found = (rdata for rdata in self._ask(name, "MX") if isinstance(rdata, MX))
        return [rdata.exchange.to_text(omit_final_dot=True).lower() for rdata in found]

    def addresses(self, name: str, kind: Literal["A", "AAAA"]) -> list[str]:
        """See `Resolver.addresses`."""
        return [rdata.address for rdata in self._ask(name, kind) if isinstance(rdata, A | AAAA)]

    def _ask(self, name: str, kind: str) -> list[object]:
        try:
            return list(self._resolver.resolve(name, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            # What follows tells of every single attempt.
            raise UnansweredError(f"{name}: {str(error).partition(':')[0]}") from error
