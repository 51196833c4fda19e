"""What a stack may say about the reverse proxy and its certificates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from components.default_images import default_version
from components.domain import Email, Fqdn, FullVersion, Port, Settings
from components.email_addresses import is_reserved

_DIRECTORIES = {
    "production": "https://acme-v02.api.letsencrypt.org/directory",
    "staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
}
"""ACME directories of Let's Encrypt, from its documentation."""


_LETS_ENCRYPT = re.compile(r"https://[a-z0-9.-]+\.api\.letsencrypt\.org(/|$)")


def _server(value: str) -> str:
    if value not in _DIRECTORIES and not value.startswith("https://"):
        raise ValueError("production, staging, or the https:// URL of an ACME directory")
    return value


class AcmeSettings(Settings):
    """Certificates from an ACME certificate authority, validated over HTTP on port 80."""

    kind: Literal["acme"] = "acme"
    email: Email | None = None
    """Whom the authority may write to about its account, where it wants an address. Let's Encrypt needs none,
    and since June 2025 writes none before a certificate runs out: [monitoring](operations.md#being-told)
    does. It refuses addresses of domains that nobody can have, such as `example.com`. Later: a new account at
    the authority."""
    server: Annotated[str, AfterValidator(_server)] = "production"
    """`production` or `staging`, both of Let's Encrypt, or the `https://` URL of another ACME directory.
    `staging` has high limits and certificates that no browser trusts: use it while trying out. Later: the
    update gets new certificates and waits for them, see [from staging to
    production](operations.md#from-staging-to-production)."""
    lifetime: int | None = Field(default=None, ge=1, le=398)
    """Days that the authority's certificates are valid, by which monitoring judges how soon one must be
    renewed. Left out: 45 for Let's Encrypt, the shortest that it has announced (for 2028-02-16), and 90 for
    others."""
    ca_bundle: str | None = None
    """PEM file, relative to the project, with the root that signed the ACME server's own certificate.
    Only for an authority of your own."""
    caa: Fqdn | None = None
    """The name by which CAA records know the authority, as its documentation and `meta.caaIdentities` in its
    directory say it. Known for Let's Encrypt; left out with a URL, there are no such records."""
    wait: int = Field(default=300, ge=10, le=3600)
    """Seconds until every host name must answer over HTTPS."""

    @property
    def email_is_refused(self) -> bool:
        """Whether the authority is Let's Encrypt, and the address one where nobody has a mailbox.

        Boulder's `ValidEmail` (policy/pa.go) refuses the three domains for examples, and names without a
        public suffix.
        """
        of_lets_encrypt = self.server in _DIRECTORIES or _LETS_ENCRYPT.match(self.server)
        return bool(self.email and of_lets_encrypt and is_reserved(self.email.rpartition("@")[2]))

    @property
    def directory(self) -> str:
        """URL of the ACME directory."""
        return _DIRECTORIES.get(self.server, self.server)

    @property
    def shortest_lifetime(self) -> int:
        """Days that certificates are valid at least."""
        return self.lifetime or (45 if self.server in _DIRECTORIES else 90)

    @property
    def trusted(self) -> bool:
        """Whether the machine's own trust store knows who signs the certificates."""
        return self.server == "production"

    @property
    def issuer(self) -> str | None:
        """The authority's name in CAA records, where it is known."""
        return self.caa or ("letsencrypt.org" if self.server in _DIRECTORIES else None)

    def url(self, hostname: str) -> str:
        """Where a browser finds the host name."""
        return f"https://{hostname}"


class PlainSettings(Settings):
    """No certificate: plain HTTP, for a computer of one's own."""

    kind: Literal["none"]
    port: Port = 8080
    """Port on this computer, bound to the loopback address only."""

    def url(self, hostname: str) -> str:
        """Where a browser finds the host name."""
        return f"http://{hostname}" if self.port == 80 else f"http://{hostname}:{self.port}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


class EdgeSettings(Settings):
    """nginx, docker-gen and acme-companion."""

    certificate: Annotated[AcmeSettings | PlainSettings, Field(discriminator="kind")]
    """Where certificates come from: `acme` on a machine in the cloud, `none` on your own computer."""
    hsts: int = Field(default=31536000, ge=0, le=63072000)
    """Seconds that browsers must insist on HTTPS for; 0 sends no such header. Later: a browser keeps what it
    was told before, until that time is over."""
    nginx: FullVersion = default_version("nginx")
    """Tag of the image `nginx`, 1.25.1 or newer; before 1.27.4 an update may cost a client its connection.
    Later: nothing is served for some seconds."""
    nginx_proxy: FullVersion = default_version("nginxproxy/nginx-proxy")
    """Tag of the image `nginxproxy/nginx-proxy`, whose docker-gen writes nginx's configuration."""
    acme_companion: FullVersion = default_version("nginxproxy/acme-companion")
    """Tag of the image `nginxproxy/acme-companion`, which gets the certificates, 2.8.2 or newer."""

    @property
    def images(self) -> Mapping[str, str]:
        """Container -> its image; acme-companion only where there are certificates to get."""
        images = {
            "nginx": f"nginx:{self.nginx}",
            "docker-gen": f"nginxproxy/nginx-proxy:{self.nginx_proxy}-dockergen",
        }
        if isinstance(self.certificate, AcmeSettings):
            images["acme-companion"] = f"nginxproxy/acme-companion:{self.acme_companion}"
        return images

    @property
    def keeps_connections(self) -> bool:
        """Whether this nginx can leave its clients' connections open when it reloads."""
        return _numbers(self.nginx) >= (1, 27, 4)

    @field_validator("acme_companion")
    @classmethod
    def _follows_renewal_information(cls, version: str) -> str:
        # The first with acme.sh 3.1.4. Those before renew after 60 days, whatever the lifetime.
        if _numbers(version) < (2, 8, 2):
            raise ValueError(
                "2.8.2 or newer: older ones do not renew when the authority asks for it (RFC 9773), too"
                " late for certificates of 64 or 45 days"
            )
        return version

    @field_validator("nginx")
    @classmethod
    def _knows_http2_directive(cls, version: str) -> str:
        if _numbers(version) < (1, 25, 1):
            raise ValueError("1.25.1 or newer: nginx-proxy's template uses its `http2` directive")
        return version
