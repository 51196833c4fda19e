"""What the real providers would compute for a new resource, as far as the program reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

ADDRESS = "198.51.100.10"
"""The static address that every machine gets."""
ZONE_ID = "Z0123456789"
"""The hosted zone that every look-up finds."""

Computed = Mapping[str, str]

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
        "gcp:compute/subnetwork:Subnetwork",
    }
)
"""Types whose real name is made from the resource's, with random digits behind it."""

_COMPUTED: Mapping[str, Callable[[str], Computed]] = {
    "aws:route53/record:Record": lambda name: {"fqdn": name},
    "command:local:Command": lambda _: {"stdout": "", "stderr": ""},
    "command:remote:Command": lambda _: {"stdout": "", "stderr": ""},
    "docker:index/image:Image": lambda _: {},
    "docker:index/remoteImage:RemoteImage": lambda name: {"imageId": image_id(name)},
    "gcp:compute/address:Address": lambda _: {"address": ADDRESS},
    "gcp:compute/disk:Disk": lambda name: {"selfLink": self_link(name)},
    "gcp:compute/instance:Instance": lambda _: {"instanceId": "4711"},
    "gcp:dns/recordSet:RecordSet": lambda _: {},
    "gcp:serviceaccount/account:Account": lambda name: {"email": f"{name}@project.iam"},
    "pulumi:providers:docker": lambda _: {},
    "random:index/randomId:RandomId": lambda name: {"hex": random_id(name)},
    "random:index/randomPassword:RandomPassword": lambda name: {"result": generated(name)},
    "tls:index/privateKey:PrivateKey": lambda name: {
        "publicKeyOpenssh": public_key(name) + "\n",
        "privateKeyOpenssh": private_key(name),
    },
}


def computed(type_: str, name: str) -> Computed:
    """Outputs that are no inputs. Raises `AssertionError` for a type that this file does not know."""
    outputs = dict(_COMPUTED[type_](name)) if type_ in _COMPUTED else {}
    if type_ in _NAMED:
        outputs["name"] = real_name(name)
    assert type_ in _COMPUTED or type_ in _NAMED, f"say in {__name__} what {type_} computes"
    return outputs


def found(token: str) -> Computed:
    """What a provider's function returns. Raises `AssertionError` for one that this file does not know."""
    results: Mapping[str, Computed] = {
        "aws:route53/getZone:getZone": {"zoneId": ZONE_ID},
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
