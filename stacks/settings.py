"""A stack's settings: read as a whole, checked as a whole, and every mistake told at once."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

from pydantic import Field, TypeAdapter

from components.apps.mastodon import MastodonSettings
from components.apps.mattermost import MattermostSettings
from components.apps.metrics import MetricsSettings, measured
from components.apps.web import WebSettings
from components.backup.settings import ACCESS_KEY, SECRET_KEY, BackupSettings
from components.backup.settings import PASSWORD as BACKUP_PASSWORD
from components.dns.settings import DnsSettings, NoDnsSettings
from components.dns.whole_domains import whole_domains
from components.edge.settings import EdgeSettings
from components.host.settings import HostSettings
from components.logs import LocalLogs, LogSettings
from components.mail import PASSWORD, Mail
from components.monitoring_settings import MonitoringSettings
from components.vapid import is_vapid_pair
from components.workload import App, SuppliedSecret
from stacks.consistency import Parts, inconsistencies
from stacks.mistakes import Checked, Mistake, MistakesError, Section, show, similar, validate

AppSettings: TypeAlias = Annotated[
    MattermostSettings | MastodonSettings | WebSettings, Field(discriminator="kind")
]
"""One app of a stack. Another kind is another member of this union."""

_PROJECT = "homeport"
_SECTIONS = ("host", "dns", "edge", "mail", "apps", "backup", "monitoring", "metrics", "logs")
_GOOGLE_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
"""Old ones start with a domain. From the documentation of Google Cloud's Resource Manager."""
_STACK_NAME = re.compile(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?")

_SECRETS_OF_APPS = (
    "StorageSecretKey",
    "ElasticsearchPassword",
    "SecretKeyBase",
    "OtpSecret",
    "VapidPrivateKey",
    "VapidPublicKey",
    "PrimaryKey",
    "DeterministicKey",
    "KeyDerivationSalt",
    "OidcClientSecret",
    "GitlabSecret",
    "License",
)
"""What the names of secrets end with that begin with an app's."""

_SECRETS_OF_BACKUP = (BACKUP_PASSWORD.name, ACCESS_KEY.name, SECRET_KEY.name)

_HOST: TypeAdapter[HostSettings] = TypeAdapter(HostSettings)
_DNS: TypeAdapter[DnsSettings] = TypeAdapter(DnsSettings)
_EDGE: TypeAdapter[EdgeSettings] = TypeAdapter(EdgeSettings)
_MAIL: TypeAdapter[Mail] = TypeAdapter(Mail)
_MONITORING: TypeAdapter[MonitoringSettings] = TypeAdapter(MonitoringSettings)
_BACKUP: TypeAdapter[BackupSettings] = TypeAdapter(BackupSettings)
_METRICS: TypeAdapter[MetricsSettings] = TypeAdapter(MetricsSettings)
_LOGS: TypeAdapter[LogSettings] = TypeAdapter(LogSettings)
_APP: TypeAdapter[AppSettings] = TypeAdapter(AppSettings)


@dataclass(frozen=True)
class StackSettings:
    """Everything a stack file says, valid in itself and together."""

    host: HostSettings
    dns: DnsSettings
    edge: EdgeSettings
    mail: Mail | None
    backup: BackupSettings | None
    app_settings: Sequence[AppSettings]
    monitoring: MonitoringSettings | None = None
    metrics: MetricsSettings | None = None
    logs: LogSettings = field(default_factory=LocalLogs)

    @property
    def apps(self) -> tuple[App, ...]:
        """The apps that the settings describe, each after those that it needs."""
        apps = tuple(
            settings.app(self.edge.certificate.url(settings.hostname), self.mail)
            for settings in self.app_settings
        )
        if self.metrics is None:
            return apps
        url = self.edge.certificate.url(self.metrics.hostname)
        return (*map(measured, apps), self.metrics.app(url, apps, self.edge.nginx))

    @property
    def domains(self) -> tuple[str, ...]:
        """Names that are a whole domain: the zones, or where none are known, what looks like one."""
        if self.dns.zone_names:
            return self.dns.zone_names
        mail = [self.mail.domain] if self.mail else []
        return whole_domains([name for app in self.apps for name in app.hostnames], mail)

    @property
    def secrets(self) -> tuple[SuppliedSecret, ...]:
        """Secrets that the user has to set."""
        return required_secrets(self.mail, self.backup, self.app_settings)


def required_secrets(
    mail: Mail | None, backup: BackupSettings | None, apps: Sequence[AppSettings]
) -> tuple[SuppliedSecret, ...]:
    """Secrets that these settings cannot do without."""
    return (
        *((PASSWORD,) if mail else ()),
        *(backup.secrets if backup else ()),
        *(secret for app in apps for secret in app.secrets),
    )


def one_line(secret: str) -> str:
    """A secret as it is used: without the line break that an editor, `echo` or Windows put at its end."""
    return secret.strip("\r\n")


class _Reader:
    """Reads one configuration and collects what is wrong with it."""

    def __init__(self, config: Mapping[str, str], secret_keys: Collection[str]) -> None:
        self._config = config
        self._secret_keys = secret_keys
        self.mistakes: list[Mistake] = []

    def section(self, name: str, adapter: TypeAdapter[Section], *, required: bool) -> Section | None:
        """One section of the file; None where it is missing or has mistakes."""
        value = self._value(name)
        path = f"{_PROJECT}:{name}"
        if value is None:
            if required:
                self.mistakes.append(Mistake(path, "nothing", "this section: it is required"))
            return None
        if self._encrypted(name):
            return None
        checked: Checked[Section] = validate(adapter, value, path)
        self.mistakes += checked.mistakes
        return checked.value

    def apps(self) -> list[tuple[int, AppSettings]]:
        """The valid apps, each with its position."""
        value = self._value("apps")
        if self._encrypted("apps"):
            return []
        if not isinstance(value, list) or not value:
            found = "nothing" if value is None else show(value)
            self.mistakes.append(Mistake(f"{_PROJECT}:apps", found, "a list of one app or more"))
            return []
        apps = []
        for index, entry in enumerate(value):
            checked: Checked[AppSettings] = validate(_APP, entry, f"{_PROJECT}:apps[{index}]")
            self.mistakes += checked.mistakes
            if checked.value:
                apps.append((index, checked.value))
        return apps

    def named_secrets(self) -> list[str]:
        """Names in every `secretEnvironment`, also of apps with mistakes."""
        value = self._value("apps")
        apps = [app for app in value if isinstance(app, dict)] if isinstance(value, list) else []
        variables = [app.get("secretEnvironment") for app in apps]
        return [str(name) for part in variables if isinstance(part, dict) for name in part.values()]

    def unknown_keys(self, secrets: Collection[str]) -> None:
        """Keys of this project that nothing reads."""
        known = (*_SECTIONS, *secrets)
        for key in self._config:
            namespace, _, name = key.partition(":")
            if namespace == _PROJECT and name not in known:
                allowed = f"one of {', '.join(known)}{similar(name, known)}"
                if key in self._secret_keys:
                    allowed += f"; nothing reads this secret any more? pulumi config rm {name}"
                self.mistakes.append(Mistake(key, f"the key {show(name)}", allowed))

    def secret(self, name: str) -> None:
        """A secret that must be there, and encrypted."""
        key = f"{_PROJECT}:{name}"
        command = f"pulumi config set --secret {name}"
        if name in _SECTIONS:
            self.mistakes.append(Mistake(key, "the name of a section", "another name for this secret"))
            return
        if not self._config.get(key, "").strip():
            self.mistakes.append(Mistake(key, "nothing", f"a secret: {command}"))
        elif key not in self._secret_keys:
            self.mistakes.append(Mistake(key, "plain text", f"an encrypted value: {command}"))
        elif re.search(r"[\r\n]", one_line(self._config[key])):
            allowed = "one line: containers are handed their variables line by line"
            self.mistakes.append(Mistake(key, "several lines", allowed))
        elif not one_line(self._config[key]).isprintable():
            allowed = f"text without control characters, which no keyboard makes: {command}"
            self.mistakes.append(Mistake(key, "a control character", allowed))

    def vapid_pair(self, private: str, public: str) -> None:
        """Two secrets that must be the halves of one key pair, where both are there. Neither is shown."""
        halves = [one_line(self._config.get(f"{_PROJECT}:{name}", "")) for name in (private, public)]
        if all(halves) and "\n" not in "".join(halves) and not is_vapid_pair(*halves):
            self.mistakes.append(
                Mistake(
                    f"{_PROJECT}:{public}",
                    f"no public key to homeport:{private}",
                    "the two halves of one VAPID key pair, base64url of 32 and of 65 bytes",
                )
            )

    def google_project(self) -> None:
        """The project that the provider works in: it must be there."""
        key = "gcp:project"
        project = self._config.get(key, "")
        if not _GOOGLE_PROJECT.fullmatch(project):
            found = show(project) if project else "nothing"
            self.mistakes.append(Mistake(key, found, "your project's id: pulumi config set gcp:project <id>"))

    def has(self, name: str) -> bool:
        """Whether the file has this section, valid or not."""
        return self._value(name) is not None

    def kind(self, name: str) -> object:
        """Which kind a section says it is, valid or not; None where it does not say."""
        value = self._value(name)
        return value.get("kind") if isinstance(value, dict) else None

    def _encrypted(self, name: str) -> bool:
        """Whether a section holds an encrypted value, which would end up readable in the state."""
        key = f"{_PROJECT}:{name}"
        if key not in self._secret_keys:
            return False
        allowed = "plain values only; secrets have keys of their own, such as homeport:mailPassword"
        self.mistakes.append(Mistake(key, "an encrypted value inside", allowed))
        return True

    def _value(self, name: str) -> object:
        text = self._config.get(f"{_PROJECT}:{name}")
        if text is None:
            return None
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return value


def load(stack: str, config: Mapping[str, str], secret_keys: Collection[str]) -> StackSettings:
    """The settings of a stack from its whole configuration, keys with their namespace.

    Raises `MistakesError` with every mistake there is.
    """
    reader = _Reader(config, secret_keys)
    if not _STACK_NAME.fullmatch(stack):
        reader.mistakes.append(
            Mistake(
                "the stack's name",
                show(stack),
                "lower-case letters, digits and hyphens, first a letter, 20 characters at most:"
                " machines and networks are named after it",
            )
        )
    # What a section needs elsewhere is told even where the section has mistakes of its own.
    on_google = reader.kind("host") == "gce"
    host = reader.section("host", _HOST, required=True)
    dns = reader.section("dns", _DNS, required=on_google)
    edge = reader.section("edge", _EDGE, required=True)
    mail = reader.section("mail", _MAIL, required=False)
    monitoring = reader.section("monitoring", _MONITORING, required=False)
    backup = reader.section("backup", _BACKUP, required=False)
    metrics = reader.section("metrics", _METRICS, required=False)
    logs = reader.section("logs", _LOGS, required=False)
    apps = reader.apps()
    needed = required_secrets(mail, backup, [app for _, app in apps])
    secrets = list(dict.fromkeys(secret.name for secret in needed))
    if reader.has("mail") and not mail:
        secrets.append(PASSWORD.name)
    if reader.has("backup") and not backup:
        secrets += [name for name in _SECRETS_OF_BACKUP if f"{_PROJECT}:{name}" in config]
    for secret in secrets:
        reader.secret(secret)
    for pair in [app.supplied_vapid_pair for _, app in apps if isinstance(app, MastodonSettings)]:
        if pair:
            reader.vapid_pair(*(half.name for half in pair))
    complete = not any(mistake.path.startswith(f"{_PROJECT}:apps") for mistake in reader.mistakes)
    reader.unknown_keys(
        secrets if complete else [*secrets, *_secrets_of_apps(config), *reader.named_secrets()]
    )
    if on_google or reader.kind("dns") == "clouddns":
        reader.google_project()
    reader.mistakes += inconsistencies(
        Parts(host, dns, edge, mail, apps, complete, backup, monitoring, metrics, logs)
    )
    if reader.mistakes or host is None or edge is None:
        raise MistakesError(f"stacks/Pulumi.{stack}.yaml", reader.mistakes)
    return StackSettings(
        host=host,
        dns=dns or NoDnsSettings(kind="none"),
        edge=edge,
        mail=mail,
        backup=backup,
        app_settings=[app for _, app in apps],
        monitoring=monitoring,
        metrics=metrics,
        logs=logs or LocalLogs(),
    )


def _secrets_of_apps(config: Mapping[str, str]) -> list[str]:
    """Keys that an app which was left out for its mistakes may read."""
    return [name for name in (key.partition(":")[2] for key in config) if name.endswith(_SECRETS_OF_APPS)]
