"""What the engine and the providers would answer, as far as a picture needs it.

Links between resources are seen by what one gives and the other takes, so each made-up value says whose it
is. Whatever is not answered is unknown, as in a preview of a stack that does not exist yet.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

Answer: TypeAlias = "Mapping[str, str | list[str]]"

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands on the wire for what is not known yet; from Pulumi's protocol."""
STATIC_ADDRESS = "the static address"
_KEY = ec.derive_private_key(4711, ec.SECP256R1())
"""No secret: it stands where the user's key would be."""


def made(name: str) -> str:
    """What a resource is called outside Pulumi; the provider would put random digits behind its name."""
    return f"{name}-made"


def answer(type_: str, name: str) -> Answer:
    """Outputs of a new resource that are not its inputs."""
    kind = type_.rsplit(":", 1)[-1]
    known: Mapping[str, Answer] = {
        "Address": {"address": STATIC_ADDRESS, "name": made(name)},
        "ManagedZone": {"nameServers": []},
        "Zone": {"zoneId": made(name), "nameServers": []},
        "RandomPassword": {"result": f"random-{name}"},
        "RandomBytes": {"hex": f"random-{name}"},
        "RandomId": {"hex": f"random-{name}"},
        "RemoteImage": {"imageId": made(name)},
        "PrivateKey": {
            "publicKeyOpenssh": f"ssh-ed25519 {name}\n",
            "privateKeyOpenssh": f"{name}\n",
            "privateKeyPemPkcs8": _KEY.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ).decode(),
        },
    }
    return known.get(kind, {"name": made(name)})


def looked_up(token: str, zones: Iterable[str]) -> Mapping[str, object]:
    """What a provider's function finds: the zones that the stack names are there."""
    if token == "gcp:dns/getManagedZones:getManagedZones":  # noqa: S105  a function's name
        return {
            "managedZones": [
                {
                    "id": zone,
                    "name": zone.replace(".", "-"),
                    "dnsName": f"{zone}.",
                    "description": "",
                    "managedZoneId": "1",
                    "nameServers": [],
                    "visibility": "public",
                }
                for zone in zones
            ]
        }
    if token == "aws:route53/getZone:getZone":  # noqa: S105
        return {"zoneId": "the hosted zone"}
    return {"stdout": "", "stderr": ""}


def placeholders(encrypted: Iterable[str]) -> dict[str, str]:
    """Something in the place of each encrypted value, of the form that the program asks for."""
    halves = {
        "VapidPrivateKey": _KEY.private_numbers().private_value.to_bytes(32, "big"),
        "VapidPublicKey": _KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    }
    found = {}
    for key in encrypted:
        raw = next((half for ending, half in halves.items() if key.endswith(ending)), None)
        found[key] = base64.urlsafe_b64encode(raw).decode().rstrip("=") if raw else "placeholder"
    return found
