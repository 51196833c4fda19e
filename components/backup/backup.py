"""Backups of every app of a stack: a store, what opens it, and the timers of the machine."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_gcp as gcp
import pulumi_random as random
from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions

from components.backup.machine_script import machine_script
from components.backup.plan import app_plan
from components.backup.report import report_backups
from components.backup.restore import Restore
from components.backup.settings import (
    ACCESS_KEY,
    PASSWORD,
    SECRET_KEY,
    BackupSettings,
    DirectoryStore,
    GcsStore,
    S3BackupStore,
)
from components.host.gce import GceHost
from components.host.shell import Command, Script, script
from components.host.timer import timer
from components.workload import App

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class BackupArgs:
    """The settings, and what is saved."""

    settings: BackupSettings
    host: GceHost
    region: str
    """Of the machine."""
    apps: Sequence[App]
    supplied: Mapping[str, Output[str]]
    """The user's secrets by name."""
    api: Sequence[Resource] = ()
    """What must exist before Cloud Storage is asked."""


class Backup(ComponentResource):
    """The store is ready when this is; `restore` fills new apps from it, `schedule` starts the timers.

    `report` has the machine tell Cloud Monitoring how they went.
    """

    def __init__(self, name: str, args: BackupArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("homeport:backup:Backup", name, None, opts)
        self._name = name
        self._args = args
        self._timers: list[Command] = []
        # There where the user supplies one, too: protected, it could not go when that is changed.
        generated = random.RandomPassword(
            f"{name}-password",
            length=40,
            special=False,
            opts=ResourceOptions(parent=self, protect=True, ignore_changes=["length", "special"]),
        )
        self.password = (
            args.supplied[PASSWORD.name] if args.settings.password_is_supplied else generated.result
        )
        self.store = self._store()
        self._ready = args.host.shell.run(
            f"{name}-tools",
            Script(
                script(_FOLDER / "install.sh", environment=self._environment()),
                # A new machine has a new boot disk.
                triggers=[args.host.incarnation],
                root=True,
            ),
            ResourceOptions(parent=self, depends_on=args.host.ready),
        )
        self.register_outputs({"store": self.store})

    @property
    def restore(self) -> Restore | None:
        """What fills the volumes and databases of apps that are new; None where nothing is to be restored."""
        settings, host = self._args.settings, self._args.host
        if settings.restore_from is None:
            return None
        return Restore(settings.restore_from, host.shell, host.disk, self._ready)

    def schedule(self, after: Sequence[Resource]) -> None:
        """Have the machine back up and verify from now on, once all of `after` is there."""
        keep = self._args.settings.keep
        counts = {"daily": keep.daily, "weekly": keep.weekly, "monthly": keep.monthly}
        # Several of one day do not push each other out: one that was made before an upgrade is wanted after.
        words = ["--keep-within 1d", *(f"--keep-{unit} {count}" for unit, count in counts.items() if count)]
        name_on_machine = self._args.host.deployment.name
        plan = {
            "stack": pulumi.get_stack(),
            "apps": {app.name: app_plan(app, name_on_machine) for app in self._args.apps},
        }
        told = {"plan": json.dumps(plan), "keep": " ".join(words)}
        self._timers = [
            self._timer("", "backup.sh", self._args.settings.schedule, after, **told),
            self._timer("-verify", "verify.sh", self._args.settings.verify, after),
        ]

    def report(self) -> Command:
        """Have the machine tell Cloud Monitoring, after `schedule`. Exists once the first report is there."""
        return report_backups(f"{self._name}-report", pulumi.get_stack(), self._args.host, self._timers, self)

    def _timer(
        self, suffix: str, file: str, calendar: str, after: Sequence[Resource], **variables: str
    ) -> Command:
        return timer(
            f"{self._name}{suffix}",
            self._args.host.shell,
            calendar,
            machine_script(file, variables),
            ResourceOptions(parent=self, depends_on=[self._ready, *after]),
            triggers=[self._args.host.incarnation],
        )

    def _store(self) -> Output[str]:
        match self._args.settings.store:
            case GcsStore() as store:
                return Output.format("gs:{}:/", self._bucket(store))
            case S3BackupStore(endpoint=endpoint, bucket=bucket, prefix=prefix):
                folder = f"/{prefix.strip('/')}" if prefix else ""
                return Output.from_input(f"s3:https://{endpoint}/{bucket}{folder}")
            case DirectoryStore(path=path):
                return Output.from_input(path)

    def _bucket(self, store: GcsStore) -> Output[str]:
        if store.bucket:
            bucket = Output.from_input(store.bucket)
        else:
            bucket = gcp.storage.Bucket(
                f"homeport-{pulumi.get_stack()}-{self._name}",
                location=store.location_for(self._args.region),
                uniform_bucket_level_access=True,
                public_access_prevention="enforced",
                versioning=gcp.storage.BucketVersioningArgs(enabled=True),
                lifecycle_rules=[
                    gcp.storage.BucketLifecycleRuleArgs(
                        action=gcp.storage.BucketLifecycleRuleActionArgs(type="Delete"),
                        condition=gcp.storage.BucketLifecycleRuleConditionArgs(
                            days_since_noncurrent_time=store.deleted_for, with_state="ARCHIVED"
                        ),
                    )
                ],
                opts=ResourceOptions(parent=self, depends_on=self._args.api, protect=True),
            ).name
        grant = gcp.storage.BucketIAMMember(
            f"{self._name}-access",
            bucket=bucket,
            role="roles/storage.objectAdmin",
            member=Output.format("serviceAccount:{}", self._args.host.service_account),
            opts=ResourceOptions(parent=self),
        )
        # Whoever knows where the store is may use it.
        return Output.all(bucket, grant.id).apply(lambda known: str(known[0]))

    def _environment(self) -> Output[str]:
        """Lines for a shell. They go to the machine's standard input, and into a file of root's."""
        variables: dict[str, Input[str]] = {"RESTIC_REPOSITORY": self.store, "RESTIC_PASSWORD": self.password}
        store = self._args.settings.store
        if isinstance(store, S3BackupStore):
            variables["AWS_ACCESS_KEY_ID"] = self._args.supplied[ACCESS_KEY.name]
            variables["AWS_SECRET_ACCESS_KEY"] = self._args.supplied[SECRET_KEY.name]
            if store.region:
                variables["AWS_DEFAULT_REGION"] = store.region
        return Output.all(**variables).apply(
            lambda known: "\n".join(f"{key}={shlex.quote(value)}" for key, value in known.items())
        )
