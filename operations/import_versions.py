"""Whether an app can go on with the data of the version that a dump comes from."""

from __future__ import annotations

import re
from pathlib import Path

from operations.import_error import DumpError
from operations.import_kinds import Target
from operations.import_rows import in_order
from operations.import_section import Section

_SECOND_FACTORS_MOVE = "20240307180905"
"""Mastodon's migration MigrateDeviseTwoFactorSecrets, of 4.3: it stops without OTP_SECRET."""
_FIRST_WITHOUT_OTP_SECRET = (4, 4)


def migration(section: Section, wanted: Target) -> int:
    """The newest migration that the data has seen; 0 where the dump does not say it."""
    versions = in_order(
        section.rows.get(wanted.migrations, []), section.columns.get(wanted.migrations, ()), "version"
    )
    return max((int(version) for version in versions if version.isdigit()), default=0)


def refuse_version(section: Section, wanted: Target, path: Path) -> None:
    """Raises `DumpError` for data of a newer version, or of one that needs a secret the app has not."""
    _refuse_newer(section, wanted, path)
    _refuse_old_second_factors(section, wanted, path)


def _refuse_newer(section: Section, wanted: Target, path: Path) -> None:
    names = section.columns.get("systems", ())
    rows = section.rows.get("systems", [])
    told = dict(zip(in_order(rows, names, "name"), in_order(rows, names, "value"), strict=False))
    theirs = _numbers(told.get("Version", ""))
    ours = _numbers(wanted.version)
    if wanted.app.kind == "mattermost" and theirs and ours and theirs[:2] > ours[:2]:
        raise DumpError(
            f"{path} comes from Mattermost {told['Version']}, and {wanted.app.name} is {wanted.version}: set"
            f" its version to {told['Version']} or newer, run pulumi up, and import then; nothing was changed"
        )


def _refuse_old_second_factors(section: Section, wanted: Target, path: Path) -> None:
    if wanted.app.kind != "mastodon" or _numbers(wanted.version)[:2] < _FIRST_WITHOUT_OTP_SECRET:
        return
    columns = section.columns.get("users", ())
    versions = in_order(
        section.rows.get("schema_migrations", []), section.columns.get("schema_migrations", ()), "version"
    )
    has_not_moved = "otp_secret" not in columns or (versions and _SECOND_FACTORS_MOVE not in versions)
    if "encrypted_otp_secret" not in columns or not has_not_moved:
        return
    secret = f"{wanted.app.name}OtpSecret"
    raise DumpError(
        f"{path} comes from a Mastodon before 4.3, which encrypted second factors with OTP_SECRET: the import"
        f" needs that secret first, and {wanted.version} has no place for it. With a new app: set version of"
        f" {wanted.app.name} to the newest 4.3, set OTP_SECRET of the old .env.production by pulumi"
        f" config set --secret {secret}, run pulumi up and this import, then raise version again; nothing was"
        " changed"
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version.partition("-")[0])))
