"""Variables that the user gives to an app: those in plain text, and those that a stack's secrets fill."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator

from components.domain import WithheldError
from components.plain_secrets import named_like_a_secret, shapes_of_secrets
from components.workload import EnvironmentValue, SuppliedSecret, text

_OF_THE_PROXY = re.compile(
    r"(VIRTUAL|ACME|ACMESH|LETSENCRYPT)_.*|ZEROSSL_API_KEY|CERT_NAME|HTTPS_METHOD|HSTS|SSL_POLICY|SERVER_TOKENS"
    r"|NETWORK_ACCESS|EXTERNAL_HTTPS?_PORT|ENABLE_HTTP(2|3|_ON_MISSING_CERT)|NON_GET_REDIRECT|DEFAULT_HOST"
    r"|TRUST_DOWNSTREAM_PROXY"
)
"""What nginx-proxy's nginx.tmpl and acme-companion's letsencrypt_service_data.tmpl read from the containers
(1.11 and 2.8), and what people set beside it that only the proxy's own container has an effect with."""

_SECRET = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def _secret_name(value: str) -> str:
    if not _SECRET.fullmatch(value):
        raise WithheldError(
            "a value that is no such name, and not shown",
            "the name of a secret of the stack, such as oidcClientSecret, which is set with"
            " pulumi config set --secret oidcClientSecret; not the secret itself",
        )
    return value


SecretName = Annotated[str, AfterValidator(_secret_name)]
"""The name under which `pulumi config set --secret` keeps a secret of the stack."""


def all_at_once(*checks: Callable[[], None]) -> None:
    """Run every check, and raise what they raise as one mistake: they are about one key of the file."""
    wrong: list[WithheldError] = []
    for check in checks:
        try:
            check()
        except WithheldError as error:
            wrong.append(error)
    if wrong:
        found = ", ".join(error.found for error in wrong)
        raise WithheldError(found, ". And ".join(str(error) for error in wrong))


def is_the_proxys(name: str) -> bool:
    """Whether nginx-proxy or acme-companion would read a container's variable of that name."""
    return bool(_OF_THE_PROXY.fullmatch(name))


def refuse_the_proxys(names: Iterable[str]) -> None:
    """Raise where a variable would change what the proxy does."""
    wrong = [name for name in names if is_the_proxys(name)]
    if wrong:
        raise WithheldError(
            ", ".join(wrong),
            "variables that the reverse proxy does not read: what it is told comes from hostname, port,"
            f" uploadLimit and homeport:edge; not {', '.join(wrong)}",
        )


def refuse_named(names: Iterable[str], allowed: Callable[[str], bool], wanted: str) -> None:
    """Raise with the variables that are not allowed; `wanted` says what those would be that are."""
    wrong = [name for name in names if not allowed(name)]
    if wrong:
        raise WithheldError(", ".join(wrong), f"{wanted}; not {', '.join(wrong)}")


def refuse_plain_secrets(environment: Mapping[str, str], allowed: Callable[[str], bool]) -> None:
    """Raise where a value in plain text is a secret by its name or its shape. It is not shown.

    Only of variables that are `allowed`: others belong nowhere.
    """
    wrong = [
        name
        for name, value in environment.items()
        if allowed(name) and (named_like_a_secret(name, value) or shapes_of_secrets(value))
    ]
    if wrong:
        raise WithheldError(
            f"{', '.join(wrong)} in plain text",
            "variables without secrets, as they are not encrypted here. Set another value, as this one is"
            " out, with pulumi config set --secret <name>, and give that name in secretEnvironment to"
            f" {', '.join(wrong)}",
        )


def refuse_lines(environment: Mapping[str, str]) -> None:
    """Raise where a value has more than one line."""
    wrong = [name for name, value in environment.items() if "\n" in value or "\r" in value]
    if wrong:
        raise WithheldError(
            ", ".join(wrong), "values of one line: containers are handed their variables line by line"
        )


def refuse_twice(secret_environment: Collection[str], environment: object) -> None:
    """Raise with the variables that are in both. `environment` is None where it has mistakes of its own."""
    twice = [name for name in secret_environment if isinstance(environment, Mapping) and name in environment]
    if twice:
        raise WithheldError(
            ", ".join(twice), f"variables that environment has not; {', '.join(twice)} is in both"
        )


def from_secrets(secret_environment: Mapping[str, str]) -> dict[str, EnvironmentValue]:
    """The variables with the secrets that they get."""
    return {name: text(SuppliedSecret(secret)) for name, secret in secret_environment.items()}


def named_secrets(secret_environment: Mapping[str, str]) -> tuple[SuppliedSecret, ...]:
    """The secrets that the user has to set for them, each once."""
    return tuple(SuppliedSecret(name) for name in dict.fromkeys(secret_environment.values()))
