"""What Mastodon is attached to, as the variables it reads. Source: docs.joinmastodon.org/admin/config."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from components.apps import postgres, redis
from components.apps.storage import S3Storage
from components.domain import Port, Settings, host_name
from components.mail import PASSWORD, Mail
from components.workload import EnvironmentValue, SuppliedSecret, text

_AWS = "s3.amazonaws.com"
_GOOGLE = "storage.googleapis.com"


class ElasticsearchSettings(Settings):
    """A search server of your own, for full-text search. Mastodon is tested with Elasticsearch 7."""

    host: Annotated[str, AfterValidator(host_name("the search server's host name", "search.example.com"))]
    """The server's host name."""
    port: Port = 9200
    """The server's port."""
    tls: bool = True
    """Whether it is spoken to over HTTPS."""
    user: str | None = Field(default=None, min_length=1)
    """The name to log in with. Its password is the stack's secret `<name>ElasticsearchPassword`."""
    prefix: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    """Begins the names of the indexes, where several Mastodons share one server."""


def database_environment(database: postgres.Database) -> dict[str, EnvironmentValue]:
    """Of the app's own PostgreSQL."""
    return {
        "DB_HOST": database.service.host,
        "DB_PORT": "5432",
        "DB_NAME": database.content.name,
        "DB_USER": database.user,
        "DB_PASS": text(database.password),
    }


def redis_environment() -> dict[str, EnvironmentValue]:
    """Of the app's own Redis."""
    return {
        "REDIS_HOST": "redis",
        "REDIS_PORT": str(redis.PORT),
        "REDIS_PASSWORD": text(redis.PASSWORD),
    }


def mail_environment(mail: Mail | None) -> dict[str, EnvironmentValue]:
    """Of the relay. Without one Mastodon tries its own container, and every mail fails."""
    if mail is None:
        return {}
    tls = mail.security == "tls"
    return {
        "SMTP_SERVER": mail.host,
        "SMTP_PORT": str(mail.port),
        "SMTP_LOGIN": mail.user,
        "SMTP_PASSWORD": text(PASSWORD),
        "SMTP_FROM_ADDRESS": mail.from_address,
        "SMTP_AUTH_METHOD": "plain",
        "SMTP_OPENSSL_VERIFY_MODE": "peer",
        # The library refuses both at once, and by default would send in the clear where STARTTLS is missing.
        "SMTP_TLS": "true" if tls else "false",
        "SMTP_ENABLE_STARTTLS": "never" if tls else "always",
    }


def storage_environment(storage: S3Storage, secret_key: SuppliedSecret) -> dict[str, EnvironmentValue]:
    """Of the bucket. Browsers fetch files from it directly, so its objects must be readable by everyone."""
    aws = storage.endpoint == _AWS
    environment: dict[str, EnvironmentValue] = {
        "S3_ENABLED": "true",
        "S3_BUCKET": storage.bucket,
        "S3_REGION": storage.region,
        "S3_PROTOCOL": "https",
        "S3_HOSTNAME": f"s3.{storage.region}.amazonaws.com" if aws else storage.endpoint,
        "AWS_ACCESS_KEY_ID": storage.access_key,
        "AWS_SECRET_ACCESS_KEY": text(secret_key),
    }
    if not aws:
        environment["S3_ENDPOINT"] = f"https://{storage.endpoint}"
    if storage.endpoint == _GOOGLE:
        # Its S3 interface does not serve downloads in parts as the library asks for them, and Mastodon's own
        # set-up raises the limit from which uploads are cut in parts to 50 MiB for it.
        environment |= {"S3_FORCE_SINGLE_REQUEST": "true", "S3_MULTIPART_THRESHOLD": str(50 * 1024 * 1024)}
    return environment


def search_environment(
    search: ElasticsearchSettings | None, password: SuppliedSecret
) -> dict[str, EnvironmentValue]:
    """Of the search server, if any."""
    if search is None:
        return {"ES_ENABLED": "false"}
    environment: dict[str, EnvironmentValue] = {
        "ES_ENABLED": "true",
        "ES_HOST": f"https://{search.host}" if search.tls else search.host,
        "ES_PORT": str(search.port),
    }
    if search.user:
        environment |= {"ES_USER": search.user, "ES_PASS": text(password)}
    if search.prefix:
        environment["ES_PREFIX"] = search.prefix
    return environment
