"""What Mattermost is told by Homeport, as the variables it reads.

Sources: Mattermost's configuration settings of 11.x, whose environment variables override the configuration
file; the Calls plugin's, for `MM_CALLS_`.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from components.apps.storage import LocalStorage, S3Storage
from components.domain import Port, Settings, web_address
from components.mail import PASSWORD, Mail
from components.workload import EnvironmentValue, SuppliedSecret, Text, text

HTTP_PORT, METRICS_PORT = 8065, 8067

Environment = dict[str, EnvironmentValue]

DEFAULTS: Environment = {
    # Fewer than PostgreSQL's 100, so that an old and a new server can run side by side.
    "MM_SQLSETTINGS_MAXOPENCONNS": "40",
    "MM_LOGSETTINGS_ENABLEFILE": "false",
    "MM_LOGSETTINGS_CONSOLEJSON": "true",
}
"""What the user may say otherwise: nothing hangs on it."""

_RELIED_ON = re.compile(
    r"MM_(CONFIG|SQLSETTINGS_(DATASOURCE|REPLICA)\w*|BLEVESETTINGS_\w+|PLUGINSETTINGS_(CLIENT)?DIRECTORY"
    r"|SERVICESETTINGS_(LOCALMODESOCKETLOCATION|CONNECTIONSECURITY|TLS\w+|USELETSENCRYPT|LETSENCRYPT\w+"
    r"|FORWARD80TO443|LICENSEFILELOCATION))"
)
"""Where configuration, database and plugins are, the socket of the health check, plain HTTP behind the proxy.
Bleve is gone since 11.0, and no volume holds its index."""


class GitLabSettings(Settings):
    """Log-in with a GitLab. Its application's secret is the stack's secret `<name>GitlabSecret`."""

    url: Annotated[str, AfterValidator(web_address)] = "https://gitlab.com"
    """Where the GitLab is. In its application, the redirect URIs are `https://<hostname>/login/gitlab/complete`
    and `https://<hostname>/signup/gitlab/complete`."""
    application_id: str = Field(min_length=1)
    """The id that GitLab shows for the application; its secret is set as a secret."""


def gitlab_secret(app: str) -> SuppliedSecret:
    """What the user has to set for a log-in with GitLab."""
    return SuppliedSecret(f"{app}GitlabSecret")


def license_secret(app: str) -> SuppliedSecret:
    """The content of Mattermost's licence file, which the user has to set."""
    return SuppliedSecret(f"{app}License")


def server_environment(url: str, database: Text) -> Environment:
    """How the server is reached and finds its database. The image's health check needs local mode."""
    return {
        "MM_SERVICESETTINGS_SITEURL": url,
        "MM_SERVICESETTINGS_LISTENADDRESS": f":{HTTP_PORT}",
        "MM_SERVICESETTINGS_ENABLELOCALMODE": "true",
        "MM_SQLSETTINGS_DRIVERNAME": "postgres",
        "MM_SQLSETTINGS_DATASOURCE": database,
    }


def storage_environment(
    storage: LocalStorage | S3Storage, secret_key: SuppliedSecret, limit: int
) -> Environment:
    """Where uploaded files are kept. `limit` is the largest file, in MiB."""
    largest: Environment = {"MM_FILESETTINGS_MAXFILESIZE": str(limit * 1024 * 1024)}
    if not isinstance(storage, S3Storage):
        return largest | {
            "MM_FILESETTINGS_DRIVERNAME": "local",
            "MM_FILESETTINGS_DIRECTORY": "/mattermost/data/",
        }
    return largest | {
        "MM_FILESETTINGS_DRIVERNAME": "amazons3",
        "MM_FILESETTINGS_AMAZONS3BUCKET": storage.bucket,
        "MM_FILESETTINGS_AMAZONS3ENDPOINT": storage.endpoint,
        "MM_FILESETTINGS_AMAZONS3REGION": storage.region,
        "MM_FILESETTINGS_AMAZONS3SSL": "true",
        "MM_FILESETTINGS_AMAZONS3SSE": "true" if storage.encrypted else "false",
        "MM_FILESETTINGS_AMAZONS3ACCESSKEYID": storage.access_key,
        "MM_FILESETTINGS_AMAZONS3SECRETACCESSKEY": text(secret_key),
    }


def relay_environment(mail: Mail | None) -> Environment:
    """How mail reaches the relay, if there is one."""
    if mail is None:
        return {}
    return {
        "MM_EMAILSETTINGS_SMTPSERVER": mail.host,
        "MM_EMAILSETTINGS_SMTPPORT": str(mail.port),
        "MM_EMAILSETTINGS_ENABLESMTPAUTH": "true",
        "MM_EMAILSETTINGS_SMTPUSERNAME": mail.user,
        "MM_EMAILSETTINGS_SMTPPASSWORD": text(PASSWORD),
        "MM_EMAILSETTINGS_CONNECTIONSECURITY": mail.security.upper(),
        "MM_EMAILSETTINGS_FEEDBACKEMAIL": mail.from_address,
    }


def sender_defaults(mail: Mail | None) -> Environment:
    """What the user may say otherwise of the mails that the relay gets."""
    if mail is None:
        return {}
    return {
        "MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS": "true",
        "MM_EMAILSETTINGS_REPLYTOADDRESS": mail.from_address,
        "MM_EMAILSETTINGS_FEEDBACKNAME": "Mattermost",
    }


def calls_environment(port: Port | None, hostname: str) -> Environment:
    """Where the Calls plugin listens. In its network the server cannot see the address that clients use."""
    if port is None:
        return {}
    return {
        "MM_CALLS_UDP_SERVER_PORT": str(port),
        "MM_CALLS_TCP_SERVER_PORT": str(port),
        "MM_CALLS_ICE_HOST_OVERRIDE": hostname,
    }


def metrics_environment(serve: bool) -> Environment:
    """The page for Prometheus, if it is served."""
    if not serve:
        return {}
    return {
        "MM_METRICSSETTINGS_ENABLE": "true",
        "MM_METRICSSETTINGS_LISTENADDRESS": f":{METRICS_PORT}",
    }


def license_environment(licensed: bool, app: str) -> Environment:
    """The licence, if there is one."""
    return {"MM_LICENSE": text(license_secret(app))} if licensed else {}


def gitlab_environment(gitlab: GitLabSettings | None, app: str) -> Environment:
    """The log-in with GitLab, if there is one."""
    if gitlab is None:
        return {}
    return {
        "MM_GITLABSETTINGS_ENABLE": "true",
        "MM_GITLABSETTINGS_ID": gitlab.application_id,
        "MM_GITLABSETTINGS_SECRET": text(gitlab_secret(app)),
        "MM_GITLABSETTINGS_AUTHENDPOINT": f"{gitlab.url}/oauth/authorize",
        "MM_GITLABSETTINGS_TOKENENDPOINT": f"{gitlab.url}/oauth/token",
        "MM_GITLABSETTINGS_USERAPIENDPOINT": f"{gitlab.url}/api/v4/user",
    }


def push_environment(proxy: str | None) -> Environment:
    """The push proxy, if another one than Mattermost's own is used."""
    if proxy is None:
        return {}
    return {
        "MM_EMAILSETTINGS_SENDPUSHNOTIFICATIONS": "true",
        "MM_EMAILSETTINGS_PUSHNOTIFICATIONSERVER": proxy,
    }


def rtcd_environment(url: str | None) -> Environment:
    """The server that holds the calls, if it is not Mattermost itself."""
    return {} if url is None else {"MM_CALLS_RTCD_SERVICE_URL": url}


def is_relied_on(name: str) -> bool:
    """Whether Homeport does not set this variable, and would not work with another value than it has."""
    return bool(_RELIED_ON.fullmatch(name))
