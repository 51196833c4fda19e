"""Every rule there is. A new rule is added to its module's RULES, a new module here."""

from __future__ import annotations

from policies import isolation
from policies.rule import AnyRule

RULES: tuple[AnyRule, ...] = (*isolation.RULES,)
