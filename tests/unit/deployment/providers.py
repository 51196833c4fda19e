"""What the real providers would compute for a new resource, as far as the program reads it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ADDRESS = "198.51.100.10"
"""The static address that every machine gets."""
ZONE_ID = "Z0123456789"
"""The hosted zone that every look-up finds."""
NAME_SERVERS = ["ns1.example.net", "ns2.example.net"]
"""Those of every zone that is made."""
MANAGED_ZONES: list[str | dict[str, str | list[str]]] = [
    {
        "id": f"projects/project/managedZones/{name.replace('.', '-')}",
        "name": name.replace(".", "-"),
        "dnsName": f"{name}.",
        "description": "",
        "managedZoneId": "1",
        "nameServers": NAME_SERVERS,
        "visibility": "public",
    }
    for name in ("example.com", "eu.example.com", "homeport.test")
]
"""The zones of the project."""

RESTORED: Mapping[str, str] = {
    "snapshot": "204175be",
    "identity": "\n".join(
        f"{name} saved-{name}"
        for name in (
            "SECRET_KEY_BASE",
            "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY",
            "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY",
            "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT",
            "VAPID_PRIVATE_KEY",
            "VAPID_PUBLIC_KEY",
        )
    ),
}
"""What the script prints that fills an app's volumes from a backup."""

Computed: TypeAlias = "Mapping[str, str | list[str]]"
Found: TypeAlias = "Mapping[str, str | list[str | dict[str, str | list[str]]]]"

_NAMED = frozenset(
    {
        "docker:index/container:Container",
        "docker:index/network:Network",
        "docker:index/volume:Volume",
        "gcp:compute/address:Address",
        "gcp:compute/disk:Disk",
        "gcp:compute/diskResourcePolicyAttachment:DiskResourcePolicyAttachment",
        "gcp:compute/firewall:Firewall",
        "gcp:compute/instance:Instance",
        "gcp:compute/network:Network",
        "gcp:compute/resourcePolicy:ResourcePolicy",
        "gcp:compute/snapshot:Snapshot",
        "gcp:compute/subnetwork:Subnetwork",
        "gcp:storage/bucket:Bucket",
    }
)
"""Types whose real name is made from the resource's, with random digits behind it."""

_COMPUTED: Mapping[str, Callable[[str], Computed]] = {
    "aws:route53/record:Record": lambda name: {"fqdn": name},
    "aws:route53/zone:Zone": lambda _: {"zoneId": ZONE_ID, "nameServers": NAME_SERVERS},
    "command:local:Command": lambda _: {"stdout": "", "stderr": ""},
    "command:remote:Command": lambda name: {
        "stdout": json.dumps(RESTORED) if name.endswith("-restore-files") else "",
        "stderr": "",
    },
    "docker:index/image:Image": lambda _: {},
    "docker:index/remoteImage:RemoteImage": lambda name: {"imageId": image_id(name)},
    "gcp:compute/address:Address": lambda _: {"address": ADDRESS},
    "gcp:compute/disk:Disk": lambda name: {"selfLink": self_link(name)},
    "gcp:compute/snapshot:Snapshot": lambda name: {"selfLink": snapshot_link(name)},
    "gcp:compute/instance:Instance": lambda _: {"instanceId": "4711"},
    "gcp:dns/managedZone:ManagedZone": lambda _: {"nameServers": NAME_SERVERS},
    "gcp:dns/recordSet:RecordSet": lambda _: {},
    "gcp:monitoring/alertPolicy:AlertPolicy": lambda name: {"name": f"projects/project/alertPolicies/{name}"},
    "gcp:monitoring/notificationChannel:NotificationChannel": lambda name: {"name": channel(name)},
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": lambda name: {"uptimeCheckId": f"{name}-4711"},
    "gcp:storage/bucketIAMMember:BucketIAMMember": lambda _: {},
    "gcp:projects/iAMMember:IAMMember": lambda _: {},
    "gcp:projects/service:Service": lambda _: {},
    "gcp:serviceaccount/account:Account": lambda name: {
        "email": f"{name}@project.iam",
        "member": f"serviceAccount:{name}@project.iam",
        "project": "project",
    },
    "pulumi:providers:docker": lambda _: {},
    "random:index/randomBytes:RandomBytes": lambda name: {"hex": generated(name)},
    "random:index/randomId:RandomId": lambda name: {"hex": random_id(name)},
    "random:index/randomPassword:RandomPassword": lambda name: {"result": generated(name)},
    "tls:index/privateKey:PrivateKey": lambda name: {
        "publicKeyOpenssh": public_key(name) + "\n",
        "privateKeyOpenssh": private_key(name),
        "privateKeyPemPkcs8": elliptic_key(name),
    },
}


def computed(type_: str, name: str) -> Computed:
    """Outputs that are no inputs. Raises `AssertionError` for a type that this file does not know."""
    outputs = dict(_COMPUTED[type_](name)) if type_ in _COMPUTED else {}
    if type_ in _NAMED:
        outputs["name"] = real_name(name)
    assert type_ in _COMPUTED or type_ in _NAMED, f"say in {__name__} what {type_} computes"
    return outputs


def found(token: str) -> Found:
    """What a provider's function returns. Raises `AssertionError` for one that this file does not know."""
    results: Mapping[str, Found] = {
        "aws:route53/getZone:getZone": {"zoneId": ZONE_ID},
        "gcp:dns/getManagedZones:getManagedZones": {"managedZones": MANAGED_ZONES},
        "command:local:run": {"stdout": "", "stderr": ""},
    }
    assert token in results, f"say in {__name__} what {token} returns"
    return results[token]


def resource_id(name: str) -> str:
    """The id that the provider gives a resource."""
    return f"{name}-id"


def real_name(name: str) -> str:
    """What a resource is called outside Pulumi."""
    return f"{name}-5eed123"


def image_id(name: str) -> str:
    """The id of an image that was pulled."""
    return f"sha256:{name}"


def self_link(name: str) -> str:
    """The URL of a disk."""
    return f"projects/project/zones/zone/disks/{real_name(name)}"


def snapshot_link(name: str) -> str:
    """The URL of a snapshot."""
    return f"projects/project/global/snapshots/{real_name(name)}"


def channel(name: str) -> str:
    """Google's name of a notification channel."""
    return f"projects/project/notificationChannels/{name}"


def generated(name: str) -> str:
    """The password that was generated for a resource."""
    return f"generated-{name}"


def random_id(name: str) -> str:
    """The random bytes that were made for a resource, in hexadecimal."""
    return f"id-{name}"


def public_key(name: str) -> str:
    """A key pair's public half."""
    return f"ssh-ed25519 PUBLIC-{name}"


def private_key(name: str) -> str:
    """A key pair's private half."""
    return f"-----BEGIN PRIVATE-{name}-----\n"


def elliptic_key(name: str) -> str:
    """The private half of a key pair on the curve P-256, in PEM."""
    scalar = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big")
    key = ec.derive_private_key(scalar, ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
