"""What must hold between the records of mail, the zones and the apps' host names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from components.dns.records import Record, record_sets
from components.dns.settings import DnsSettings, NoDnsSettings, zone_of
from components.mail import Mail
from stacks.mistakes import Mistake, show


def mail_inconsistencies(
    mail: Mail | None, dns: DnsSettings | None, hostnames: Sequence[str]
) -> Iterator[Mistake]:
    """Every mistake that the records of mail make only together with other settings."""
    if mail is None or mail.records is None:
        return
    records = record_sets(mail.dns_records)
    yield from _outside(mail, dns, records)
    taken = Counter([*dict.fromkeys(hostnames), *(record.name for record in records)])
    for record in records:
        if record.type == "CNAME" and taken[record.name] > 1:
            yield Mistake(
                "homeport:mail.records",
                f"a CNAME at {record.name}, which has other records too",
                "a name of its own for each CNAME: DNS allows nothing beside one",
            )


def _outside(mail: Mail, dns: DnsSettings | None, records: Sequence[Record]) -> Iterator[Mistake]:
    if dns is None or isinstance(dns, NoDnsSettings):
        return
    if any(zone_of(record.name, dns.zones) is None for record in records):
        yield Mistake(
            "homeport:mail.records.domain",
            show(mail.domain),
            f"a domain inside one of homeport:dns.zones, {', '.join(dns.zone_names)}; its records cannot be"
            " created elsewhere",
        )
