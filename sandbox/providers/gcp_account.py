"""gcp:serviceaccount: who a machine is towards Google's APIs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sandbox.cloud import PROJECT, account_email
from sandbox.providers.gcp_network import REPLACES
from sandbox.providers.recorded import Recorded
from sandbox.providers.resource import Failure, Properties, Property

_ACCOUNT = re.compile(r"[a-z]([-a-z0-9]{4,28}[a-z0-9])")


class Account(Recorded):
    """A service account."""

    token = "gcp:serviceaccount/account:Account"  # noqa: S105
    kind = "serviceAccount"
    properties = {
        "accountId": Property(required=True, replaces=True),
        "displayName": Property(),
        "description": Property(),
        "disabled": Property(),
        "project": REPLACES,
        "createIgnoreAlreadyExists": Property(),
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        if _ACCOUNT.fullmatch(str(inputs["accountId"])):
            return []
        return [
            Failure(
                "accountId", f"{inputs['accountId']!r} must have 6 to 30 lower-case letters, digits, hyphens"
            )
        ]

    def record_name(self, inputs: Properties) -> str:
        return str(inputs["accountId"])

    def identifier(self, inputs: Properties) -> str:
        return f"projects/{PROJECT}/serviceAccounts/{account_email(str(inputs['accountId']))}"

    def outputs(self, inputs: Properties) -> Properties:
        email = account_email(str(inputs["accountId"]))
        return {
            "email": email,
            "member": f"serviceAccount:{email}",
            "name": self.identifier(inputs),
            "project": PROJECT,
        }
