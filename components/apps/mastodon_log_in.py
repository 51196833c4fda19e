"""Log-in to Mastodon by OpenID Connect, as the variables it reads.

Sources: docs.joinmastodon.org/admin/config, "External authentication", and Mastodon's
config/initializers/3_omniauth.rb.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from components.domain import Settings
from components.workload import EnvironmentValue, SuppliedSecret, text


def _issuer(value: str) -> str:
    if not value.startswith("https://") or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(
            "the provider's issuer, an https:// URL as in its .well-known/openid-configuration, such as"
            " https://sso.example.com/realms/main"
        )
    if ".well-known" in value:
        raise ValueError(f"the issuer alone, here {value.split('/.well-known', maxsplit=1)[0]}")
    return value


def _openid(scopes: list[str]) -> list[str]:
    if "openid" not in scopes or any("," in scope or " " in scope or not scope for scope in scopes):
        raise ValueError("scopes one by one, openid among them, such as [openid, profile, email]")
    return scopes


class OidcSettings(Settings):
    """A provider of log-ins. Its client's secret is the stack's secret `<name>OidcClientSecret`.

    The client's redirect URI, to be set at the provider, is
    `https://<hostname>/auth/auth/openid_connect/callback`.
    """

    issuer: Annotated[str, AfterValidator(_issuer)]
    """The provider's issuer, exactly as it says it, final slash included: `https://sso.example.com/realms/main`.
    All other URLs are looked up there."""
    client_id: str = Field(min_length=1)
    """The client's id; its secret is set as a secret."""
    display_name: str = Field(default="SSO", min_length=1, max_length=60)
    """What stands on the button."""
    scopes: Annotated[list[str], AfterValidator(_openid)] = ["openid", "profile", "email"]
    """What the provider is asked for."""
    uid_field: str = Field(default="preferred_username", pattern=r"^[A-Za-z0-9_]+$")
    """The claim that names the account: `sub` where people can change their names at the provider. Later:
    accounts are no longer found."""
    trust_email: bool = False
    """Whether the provider has made sure of the e-mail addresses. Else Mastodon sends a mail to each."""
    only: bool = False
    """Whether it is the only way to log in. The first account logs in with its password before."""


def oidc_secret(app: str) -> SuppliedSecret:
    """What the user has to set for a log-in with OpenID Connect."""
    return SuppliedSecret(f"{app}OidcClientSecret")


def oidc_environment(oidc: OidcSettings | None, url: str, app: str) -> dict[str, EnvironmentValue]:
    """The provider of log-ins, if there is one. `url` is the app's, `app` its name."""
    if oidc is None:
        return {}
    environment: dict[str, EnvironmentValue] = {
        "OIDC_ENABLED": "true",
        "OIDC_DISPLAY_NAME": oidc.display_name,
        "OIDC_ISSUER": oidc.issuer,
        "OIDC_DISCOVERY": "true",
        "OIDC_SCOPE": ",".join(oidc.scopes),
        "OIDC_UID_FIELD": oidc.uid_field,
        "OIDC_CLIENT_ID": oidc.client_id,
        "OIDC_CLIENT_SECRET": text(oidc_secret(app)),
        "OIDC_REDIRECT_URI": f"{url}/auth/auth/openid_connect/callback",
        "OIDC_SECURITY_ASSUME_EMAIL_IS_VERIFIED": "true" if oidc.trust_email else "false",
    }
    if oidc.only:
        environment |= {"OMNIAUTH_ONLY": "true", "ONE_CLICK_SSO_LOGIN": "true"}
    return environment
