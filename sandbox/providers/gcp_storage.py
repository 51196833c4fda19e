"""gcp:storage: buckets, and who may do what in them. The objects are in the sandbox's folder."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sandbox.cloud import PROJECT, account_email
from sandbox.providers.gcp_network import NAME, REPLACES
from sandbox.providers.recorded import Recorded, cloud, entry, sandbox_directory
from sandbox.providers.resource import Created, Failure, Properties, Property, ProviderError

_NAME = re.compile(r"[a-z0-9][-_a-z0-9]{1,61}[a-z0-9]")
_CLASSES = ("STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE")
_PREVENTION = ("inherited", "enforced")
_ACCOUNT = "serviceAccount:"
ROLES = (
    "roles/storage.admin",
    "roles/storage.objectAdmin",
    "roles/storage.objectUser",
    "roles/storage.objectCreator",
    "roles/storage.objectViewer",
    "roles/storage.legacyBucketReader",
)
"""Those that the store knows the permissions of: `ROLES` of images/cloud/google_access.py."""
_CONDITIONS = (
    *("age", "createdBefore", "withState", "matchesStorageClasses", "matchesPrefixes", "matchesSuffixes"),
    *("numNewerVersions", "daysSinceNoncurrentTime", "noncurrentTimeBefore", "sendAgeIfZero"),
)


def objects_folder(bucket: str) -> Path:
    """Where the store keeps the objects of a bucket."""
    return sandbox_directory() / "stores" / "google" / bucket


class Bucket(Recorded):
    """A bucket. Its lifecycle rules, versions and soft deletion are recorded and do nothing."""

    token = "gcp:storage/bucket:Bucket"  # noqa: S105
    kind = "bucket"
    properties = {
        "name": NAME,
        "location": Property(required=True, replaces=True),
        "storageClass": Property(default="STANDARD"),
        "uniformBucketLevelAccess": Property(),
        "publicAccessPrevention": Property(),
        "versioning": Property(fields={"enabled": Property(required=True)}),
        "lifecycleRules": Property(
            fields={
                "action": Property(
                    required=True, fields={"type": Property(required=True), "storageClass": Property()}
                ),
                "condition": Property(required=True, fields={name: Property() for name in _CONDITIONS}),
            }
        ),
        "softDeletePolicy": Property(fields={"retentionDurationSeconds": Property()}),
        "labels": Property(),
        "forceDestroy": Property(default=False),
        "project": REPLACES,
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        wrong = []
        name = str(inputs["name"])
        if not _NAME.fullmatch(name) or "google" in name or name.startswith("goog"):
            said = "must have 3 to 63 lower-case letters, digits, hyphens and underscores, and no 'google'"
            wrong.append(Failure("name", f"{name!r} {said}"))
        if inputs["storageClass"] not in _CLASSES:
            wrong.append(Failure("storageClass", f"one of {', '.join(_CLASSES)}"))
        if inputs.get("publicAccessPrevention") not in {None, *_PREVENTION}:
            wrong.append(Failure("publicAccessPrevention", f"one of {', '.join(_PREVENTION)}"))
        return wrong

    def create(self, inputs: Properties) -> Created:
        name = str(inputs["name"])
        with cloud().changing() as kinds:
            buckets = kinds.setdefault(self.kind, {})
            if name in buckets:
                mine = buckets[name].get("project") == PROJECT
                raise ProviderError(
                    "googleapi: Error 409: "
                    + (
                        "Your previous request to create the named bucket succeeded and you already own it."
                        if mine
                        else "The requested bucket name is not available. The bucket namespace is shared by"
                        " all users of the system. Please select a different name and try again."
                    )
                    + f", conflict: {name}"
                )
            made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            buckets[name] = {**entry(inputs), "project": PROJECT, "created": made}
        objects_folder(name).mkdir(parents=True, exist_ok=True)
        return Created(name, {**inputs, **self.outputs(inputs)})

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = cloud().get(self.kind, str(state["name"]))
        if found is None or found.get("project") != PROJECT:
            return None
        # Google knows nothing of `forceDestroy`: it is a word to the provider.
        known = {key: found.get(key) for key in self.properties if key != "forceDestroy"}
        return Created(identifier, {**state, **known, **self.outputs(state)})

    def update(self, identifier: str, state: Properties, inputs: Properties) -> Created:
        name = str(inputs["name"])
        with cloud().changing() as kinds:
            bucket = kinds.get(self.kind, {}).get(name)
            if bucket is None:
                raise ProviderError(f"googleapi: Error 404: The specified bucket does not exist: {name}")
            fixed = {key: bucket[key] for key in ("project", "created")}
            kinds[self.kind][name] = {**entry(inputs), **fixed}
        return Created(identifier, {**inputs, **self.outputs(inputs)})

    def delete(self, identifier: str, state: Properties) -> None:
        name = str(state["name"])
        folder = objects_folder(name)
        if not state.get("forceDestroy") and folder.exists() and any(folder.glob("*.json")):
            raise ProviderError(
                f"Error trying to delete bucket {name} containing objects without `force_destroy` set to true"
            )
        with cloud().changing() as kinds:
            kinds.get(self.kind, {}).pop(name, None)
            members = kinds.get(BucketIAMMember.kind, {})
            for member in [key for key, value in members.items() if value.get("bucket") == name]:
                del members[member]
        shutil.rmtree(folder, ignore_errors=True)

    def outputs(self, inputs: Properties) -> Properties:
        name = str(inputs["name"])
        return {"url": f"gs://{name}", "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}"}


class BucketIAMMember(Recorded):
    """One role of one member on a bucket."""

    token = "gcp:storage/bucketIAMMember:BucketIAMMember"  # noqa: S105
    kind = "bucketMember"
    properties = {
        "bucket": Property(required=True, replaces=True),
        "role": Property(required=True, replaces=True),
        "member": Property(required=True, replaces=True),
    }

    def check(self, inputs: Properties) -> Sequence[Failure]:
        wrong = []
        if inputs["role"] not in ROLES:
            wrong.append(Failure("role", f"the sandbox knows {', '.join(ROLES)}, not {inputs['role']}"))
        if not str(inputs["member"]).startswith(_ACCOUNT):
            wrong.append(Failure("member", f"the sandbox knows service accounts, not {inputs['member']}"))
        return wrong

    def record_name(self, inputs: Properties) -> str:
        return f"b/{_bucket(inputs)}/{inputs['role']}/{inputs['member']}"

    def create(self, inputs: Properties) -> Created:
        email = str(inputs["member"]).removeprefix(_ACCOUNT)
        with cloud().changing() as kinds:
            if kinds.get("bucket", {}).get(_bucket(inputs), {}).get("project") != PROJECT:
                raise ProviderError(
                    f"googleapi: Error 404: The specified bucket does not exist: {_bucket(inputs)}"
                )
            if email not in {account_email(name) for name in kinds.get("serviceAccount", {})}:
                raise ProviderError(f"googleapi: Error 400: Service account {email} does not exist., invalid")
            # A member that is there already is no mistake: a policy is a set.
            record = {**entry(inputs), "bucket": _bucket(inputs)}
            kinds.setdefault(self.kind, {})[self.record_name(inputs)] = record
        return Created(self.record_name(inputs), {**inputs, **self.outputs(inputs)})

    def read(self, identifier: str, state: Properties) -> Created | None:
        found = cloud().get(self.kind, self.record_name(state))
        return Created(identifier, {**state, **self.outputs(state)}) if found else None

    def outputs(self, inputs: Properties) -> Properties:
        return {"etag": "CAE="}


def _bucket(inputs: Properties) -> str:
    """The program may name it `b/<name>` too."""
    return str(inputs["bucket"]).removeprefix("b/")
