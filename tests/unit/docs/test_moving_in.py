"""What the documentation says about moving a Mastodon in."""

from __future__ import annotations

import pytest

from components.apps.mastodon_secrets import mastodon_secrets
from components.workload import EnvironmentValue, SuppliedSecret, Text
from tests.unit.docs.pages import REPOSITORY

OPERATIONS = (REPOSITORY / "docs" / "operations.md").read_text()
KEYS = mastodon_secrets("mastodon", "supplied", otp=True).environment


@pytest.mark.parametrize(("variable", "value"), KEYS.items())
def test_each_key_has_a_row_with_the_secret_that_takes_it(variable: str, value: EnvironmentValue) -> None:
    assert isinstance(value, Text)
    (secret,) = value.parts
    assert isinstance(secret, SuppliedSecret)
    assert [
        line
        for line in OPERATIONS.splitlines()
        if line.startswith(f"| `{variable}`") and line.endswith(f"| `{secret.name}` |")
    ]
