"""Every rule there is. A new rule is added to its module's RULES, a new module here."""

from __future__ import annotations

from policies import (
    accounts,
    images,
    isolation,
    lasting,
    logs,
    machine,
    plain_secrets,
    ports,
    privileges,
    processes,
    services,
    volumes,
)
from policies.rule import AnyRule

RULES: tuple[AnyRule, ...] = (
    # Twelve factors
    *images.RULES,
    *plain_secrets.RULES,
    *processes.RULES,
    *services.RULES,
    *logs.RULES,
    *volumes.RULES,
    # Security
    *privileges.RULES,
    *isolation.RULES,
    *ports.RULES,
    *machine.RULES,
    *accounts.RULES,
    *lasting.RULES,
)
