"""What is known of the relays that have a name here, so that a stack need not say it.

Sources, the relays' own documentation: SparkPost "SMTP API" and "Sending Domains"; SendGrid "Integrating with
the SMTP API" and "DNS setting: the SPF record"; Mailgun "Sending via SMTP" and "Domain verification"; Amazon
SES "Connecting to an Amazon SES SMTP endpoint", "Easy DKIM" and "Using a custom MAIL FROM domain"; Postmark
"Send email with SMTP" and "SMTP details"; Resend "Send with SMTP" and "Managing Domains". All of them take
STARTTLS on port 587.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RelayName = Literal["generic", "sparkpost", "sendgrid", "mailgun", "ses", "postmark", "resend"]


@dataclass(frozen=True)
class Relay:
    """A company that takes mail over SMTP."""

    host: str
    """Its server; `{region}` stands for the account's region."""
    regional_host: str | None = None
    """The server of accounts in a region, where they have another one."""
    region_required: bool = False
    user: str | None = None
    """The name that everybody logs in with."""
    include: str | None = None
    """What an SPF text must include. None for SparkPost: there mail has an envelope sender of SparkPost's own
    domain, or of one that the bounce CNAME makes its own, so the domain's SPF is not asked."""

    def server(self, region: str | None) -> str:
        """The host name for an account in this region."""
        return (self.regional_host if region and self.regional_host else self.host).format(region=region)


RELAYS: dict[str, Relay] = {
    "sparkpost": Relay(
        host="smtp.sparkpostmail.com", regional_host="smtp.{region}.sparkpostmail.com", user="SMTP_Injection"
    ),
    "sendgrid": Relay(host="smtp.sendgrid.net", user="apikey", include="sendgrid.net"),
    "mailgun": Relay(
        host="smtp.mailgun.org", regional_host="smtp.{region}.mailgun.org", include="mailgun.org"
    ),
    "ses": Relay(host="email-smtp.{region}.amazonaws.com", region_required=True, include="amazonses.com"),
    "postmark": Relay(host="smtp.postmarkapp.com", include="spf.mtasv.net"),
    "resend": Relay(host="smtp.resend.com", user="resend", include="amazonses.com"),
}
"""Every relay but `generic`."""
