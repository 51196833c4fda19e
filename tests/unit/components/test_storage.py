"""Where an app keeps uploaded files."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from components.apps.storage import LocalStorage, S3Storage, Storage

STORAGE: TypeAdapter[Storage] = TypeAdapter(Storage)


def test_local_storage_needs_no_more_than_its_kind() -> None:
    assert STORAGE.validate_python({"kind": "local"}) == LocalStorage()


def test_a_bucket_is_by_default_one_of_amazons_and_not_encrypted_by_the_store() -> None:
    storage = STORAGE.validate_python({"kind": "s3", "bucket": "files", "accessKey": "AKIA"})
    assert storage == S3Storage(
        kind="s3",
        bucket="files",
        access_key="AKIA",
        endpoint="s3.amazonaws.com",
        region="us-east-1",
        encrypted=False,
    )


@pytest.mark.parametrize("bucket", ["abc", "a" * 63, "my.files-2"])
def test_a_bucket_name_has_3_to_63_letters_digits_dots_and_hyphens(bucket: str) -> None:
    assert S3Storage(kind="s3", bucket=bucket, access_key="AKIA").bucket == bucket


@pytest.mark.parametrize("bucket", ["ab", "a" * 64, "Files", "my_files", "files-", "a/b"])
def test_any_other_bucket_name_is_refused(bucket: str) -> None:
    with pytest.raises(ValidationError):
        S3Storage(kind="s3", bucket=bucket, access_key="AKIA")


def test_an_endpoint_is_a_host_name_without_scheme() -> None:
    with pytest.raises(ValidationError):
        S3Storage(kind="s3", bucket="files", access_key="AKIA", endpoint="https://s3.example.com")
