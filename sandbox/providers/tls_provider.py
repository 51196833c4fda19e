"""pulumi-tls: key pairs made once and kept in the state."""

from __future__ import annotations

from sandbox.providers.resource import Created, Properties, Property, Provider, ResourceType


class PrivateKey(ResourceType):
    """A private key with its public half in every form the official provider gives."""

    token = "tls:index/privateKey:PrivateKey"  # noqa: S105
    properties = {
        "algorithm": Property(required=True, replaces=True),
        "ecdsaCurve": Property(replaces=True, default="P224"),
        "rsaBits": Property(replaces=True, default=2048),
    }
    secret_outputs = frozenset({"privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"})

    def create(self, inputs: Properties) -> Created:
        # What makes keys takes a while to import, and most plugins only compare those that there are.
        from sandbox.providers.tls_key import generated  # noqa: PLC0415

        return Created(*generated(inputs))

    def read(self, identifier: str, state: Properties) -> Created:
        return Created(identifier, state)

    def delete(self, identifier: str, state: Properties) -> None:
        """It lives in the state only."""


PROVIDER = Provider("tls", [PrivateKey])
