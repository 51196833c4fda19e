"""The secrets without which a Mastodon cannot read what it wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from components.workload import (
    EnvironmentValue,
    GeneratedHex,
    GeneratedPassword,
    GeneratedVapidKey,
    SecretSource,
    SuppliedSecret,
    text,
)


@dataclass(frozen=True)
class MastodonSecrets:
    """Where each one comes from.

    Forms from Mastodon's own tasks: `rails secret` prints 64 bytes as hexadecimal digits,
    `db:encryption:init` 32 letters and digits, `mastodon:webpush:generate_vapid_key` a pair in base64url.
    """

    secret_key_base: SecretSource
    primary_key: SecretSource
    deterministic_key: SecretSource
    key_derivation_salt: SecretSource
    vapid_private_key: SecretSource
    vapid_public_key: SecretSource
    otp_secret: SecretSource | None
    """Read by versions before 4.4 only."""

    @property
    def environment(self) -> dict[str, EnvironmentValue]:
        """As Mastodon reads them. What was encrypted or signed with one is lost with another."""
        otp: dict[str, EnvironmentValue] = {"OTP_SECRET": text(self.otp_secret)} if self.otp_secret else {}
        return {
            "SECRET_KEY_BASE": text(self.secret_key_base),
            "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY": text(self.primary_key),
            "ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY": text(self.deterministic_key),
            "ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT": text(self.key_derivation_salt),
            "VAPID_PRIVATE_KEY": text(self.vapid_private_key),
            "VAPID_PUBLIC_KEY": text(self.vapid_public_key),
            **otp,
        }

    @property
    def supplied(self) -> Iterator[SuppliedSecret]:
        """Those that the user has to set."""
        for field in fields(self):
            source = getattr(self, field.name)
            if isinstance(source, SuppliedSecret):
                yield source


def mastodon_secrets(app: str, origin: Literal["generated", "supplied"], otp: bool) -> MastodonSecrets:
    """The secrets of the app of that name. Its name begins those that are supplied: `<app>SecretKeyBase`."""
    if origin == "supplied":
        return MastodonSecrets(
            secret_key_base=SuppliedSecret(f"{app}SecretKeyBase"),
            primary_key=SuppliedSecret(f"{app}PrimaryKey"),
            deterministic_key=SuppliedSecret(f"{app}DeterministicKey"),
            key_derivation_salt=SuppliedSecret(f"{app}KeyDerivationSalt"),
            vapid_private_key=SuppliedSecret(f"{app}VapidPrivateKey"),
            vapid_public_key=SuppliedSecret(f"{app}VapidPublicKey"),
            otp_secret=SuppliedSecret(f"{app}OtpSecret") if otp else None,
        )
    return MastodonSecrets(
        secret_key_base=GeneratedHex("secret-key-base", length=64, lasting=True),
        primary_key=GeneratedPassword("primary-key", lasting=True),
        deterministic_key=GeneratedPassword("deterministic-key", lasting=True),
        key_derivation_salt=GeneratedPassword("key-derivation-salt", lasting=True),
        vapid_private_key=GeneratedVapidKey("vapid", "private"),
        vapid_public_key=GeneratedVapidKey("vapid", "public"),
        otp_secret=GeneratedHex("otp-secret", length=64, lasting=True) if otp else None,
    )
