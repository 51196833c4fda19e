"""The running stack's configuration, as the engine hands it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi import Output
from pulumi.runtime.config import CONFIG, get_config_env, get_config_secret_keys_env, is_config_secret

from components.edge.settings import AcmeSettings
from components.revision import fingerprint
from stacks.mistakes import MistakesError
from stacks.settings import StackSettings, load, one_line

_PROJECT_FOLDER = Path(__file__).parent.parent


def configured() -> StackSettings:
    """The settings of the stack that is being deployed.

    Raises `pulumi.RunError`, which Pulumi shows as its bare text, with every mistake in them.
    """
    # `pulumi.Config` answers for keys that one knows; only the whole map shows a mistyped one.
    config: dict[str, str] = {**get_config_env(), **CONFIG.get()}
    secret_keys = {key for key in config if is_config_secret(key)} | set(get_config_secret_keys_env())
    try:
        return load(pulumi.get_stack(), config, secret_keys)
    except MistakesError as error:
        raise pulumi.RunError(str(error)) from None


@dataclass(frozen=True)
class SuppliedSecrets:
    """The secrets that the user has set, by their names."""

    values: Mapping[str, Output[str]]
    fingerprints: Mapping[str, str]
    """Another one for another secret; see `components.revision`."""


def supplied_secrets(settings: StackSettings) -> SuppliedSecrets:
    """The secrets that the settings need; they are there, as the settings were read."""
    config, stack = pulumi.Config(), pulumi.get_stack()
    known = {secret.name: one_line(config.require(secret.name)) for secret in settings.secrets}
    return SuppliedSecrets(
        {name: Output.secret(value) for name, value in known.items()},
        {name: fingerprint(value, stack) for name, value in known.items()},
    )


def acme_ca_bundle(settings: StackSettings) -> str | None:
    """PEM text of the root that signed the ACME server's own certificate, if the settings name one.

    Raises `pulumi.RunError` where the file cannot be read.
    """
    certificate = settings.edge.certificate
    if not isinstance(certificate, AcmeSettings) or certificate.ca_bundle is None:
        return None
    try:
        return (_PROJECT_FOLDER / certificate.ca_bundle).read_text()
    except OSError as error:
        problem = f"{certificate.ca_bundle} cannot be read: {error.strerror}"
        raise pulumi.RunError(f"homeport:edge.certificate.caBundle: {problem}") from None
