"""Which host names are a domain as it was registered, where no zone tells. Pure."""

from __future__ import annotations

from collections.abc import Collection

from components.domain import is_inside

_SECOND_LEVEL = frozenset(
    (
        *(
            "ac",
            "co",
            "com",
            "edu",
            "gob",
            "gov",
            "gouv",
            "govt",
            "gv",
            "id",
            "ind",
            "info",
            "ltd",
            "me",
            "mil",
        ),
        *(
            "ne",
            "net",
            "nhs",
            "nom",
            "or",
            "org",
            "plc",
            "sch",
            "school",
            "web",
            "firm",
            "gen",
            "go",
            "in",
            "asn",
        ),
    )
)
"""Under a country's domain, what others register below: `example.co.uk`. A few of the Public Suffix List
(publicsuffix.org), the ones that many countries share."""


def is_registered(name: str) -> bool:
    """Whether a name looks like a domain that somebody registered, and not like a host in one."""
    labels = name.split(".")
    under_a_country = len(labels) == 3 and len(labels[-1]) == 2 and labels[1] in _SECOND_LEVEL
    return len(labels) == 2 or under_a_country


def whole_domains(hostnames: Collection[str], others: Collection[str] = ()) -> tuple[str, ...]:
    """The host names that more than one host is in: what is said at them binds all of these.

    `others` are further names of the same people, such as the domain that they send mail from.
    """
    return tuple(
        name
        for name in hostnames
        if is_registered(name)
        or name in others
        or any(other != name and is_inside(other, name) for other in (*hostnames, *others))
    )
