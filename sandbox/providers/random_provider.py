"""pulumi-random: values made once and kept in the state."""

from __future__ import annotations

import base64
import secrets
import string

from sandbox.providers.resource import Created, Properties, Property, Provider, ProviderError, ResourceType

_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"


def _integer(value: object, default: int = 0) -> int:
    return value if isinstance(value, int) else default


class RandomPassword(ResourceType):
    """A password; its text is secret."""

    token = "random:index/randomPassword:RandomPassword"  # noqa: S105
    properties = {
        "length": Property(required=True, replaces=True),
        "special": Property(replaces=True, default=True),
        "upper": Property(replaces=True, default=True),
        "lower": Property(replaces=True, default=True),
        "numeric": Property(replaces=True, default=True),
        "overrideSpecial": Property(replaces=True),
        "minLower": Property(replaces=True, default=0),
        "minUpper": Property(replaces=True, default=0),
        "minNumeric": Property(replaces=True, default=0),
        "minSpecial": Property(replaces=True, default=0),
        "keepers": Property(replaces=True),
    }
    secret_outputs = frozenset({"result", "bcryptHash"})

    def create(self, inputs: Properties) -> Created:
        length = _integer(inputs.get("length"))
        special = str(inputs.get("overrideSpecial") or _SPECIAL)
        classes = [
            (string.ascii_lowercase, inputs.get("lower"), _integer(inputs.get("minLower"))),
            (string.ascii_uppercase, inputs.get("upper"), _integer(inputs.get("minUpper"))),
            (string.digits, inputs.get("numeric"), _integer(inputs.get("minNumeric"))),
            (special, inputs.get("special"), _integer(inputs.get("minSpecial"))),
        ]
        alphabet = "".join(letters for letters, wanted, _ in classes if wanted)
        if not alphabet:
            raise ProviderError("at least one of lower, upper, numeric and special must be true")
        characters = [secrets.choice(letters) for letters, _, least in classes for _ in range(least)]
        if len(characters) > length:
            raise ProviderError("length is smaller than the sum of the minimums")
        characters += [secrets.choice(alphabet) for _ in range(length - len(characters))]
        secrets.SystemRandom().shuffle(characters)
        return Created("none", {**inputs, "result": "".join(characters)})

    def read(self, identifier: str, state: Properties) -> Created:
        return Created(identifier, state)

    def delete(self, identifier: str, state: Properties) -> None:
        """It lives in the state only."""


class RandomId(ResourceType):
    """Random bytes in several spellings; not secret."""

    token = "random:index/randomId:RandomId"  # noqa: S105
    properties = {
        "byteLength": Property(required=True, replaces=True),
        "keepers": Property(replaces=True),
        "prefix": Property(replaces=True),
    }

    def create(self, inputs: Properties) -> Created:
        value = secrets.token_bytes(_integer(inputs.get("byteLength")))
        prefix = str(inputs.get("prefix") or "")
        url = base64.urlsafe_b64encode(value).decode().rstrip("=")
        spellings = {
            "hex": value.hex(),
            "dec": str(int.from_bytes(value, "big")),
            "b64Url": url,
            "b64Std": base64.b64encode(value).decode(),
        }
        outputs = {name: prefix + spelling for name, spelling in spellings.items()}
        return Created(url, {**inputs, **outputs})

    def read(self, identifier: str, state: Properties) -> Created:
        return Created(identifier, state)

    def delete(self, identifier: str, state: Properties) -> None:
        """It lives in the state only."""


class RandomBytes(ResourceType):
    """Random bytes; every spelling of them is secret."""

    token = "random:index/randomBytes:RandomBytes"  # noqa: S105
    properties = {
        "length": Property(required=True, replaces=True),
        "keepers": Property(replaces=True),
    }
    secret_outputs = frozenset({"hex", "base64"})

    def create(self, inputs: Properties) -> Created:
        value = secrets.token_bytes(_integer(inputs.get("length")))
        return Created("none", {**inputs, "hex": value.hex(), "base64": base64.b64encode(value).decode()})

    def read(self, identifier: str, state: Properties) -> Created:
        return Created(identifier, state)

    def delete(self, identifier: str, state: Properties) -> None:
        """It lives in the state only."""


PROVIDER = Provider("random", [RandomBytes, RandomId, RandomPassword])
