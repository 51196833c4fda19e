"""What acme.sh still knows when acme-companion starts for an authority."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "components" / "edge" / "authority.sh"
PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"
OWN = "https://ca.example.com/acme/directory"
HOME = "ada@example.com"


def note(folder: Path, home: str, certificate: str, authority: str) -> Path:
    """A certificate as acme.sh notes it; `certificate` may end in `_ecc`, as those with such a key do."""
    name = certificate.removesuffix("_ecc")
    noted = folder / home / certificate / f"{name}.conf"
    noted.parent.mkdir(parents=True)
    noted.write_text(f"Le_Domain='{name}'\nLe_API='{authority}'\nLe_NextRenewTime='1790000000'\n")
    return noted


def started(folder: Path, authority: str) -> str:
    """What the command that is started prints."""
    return subprocess.run(
        ["bash", SCRIPT, "echo", "it", "runs"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "FOLDER": str(folder), "ACME_CA_URI": authority},
    ).stdout


@pytest.mark.parametrize("certificate", ["chat.example.com", "chat.example.com_ecc"])
def test_a_certificate_of_another_authority_is_asked_for_again(tmp_path: Path, certificate: str) -> None:
    noted = note(tmp_path, HOME, certificate, PRODUCTION)
    started(tmp_path, OWN)
    assert not noted.exists()


def test_a_certificate_of_the_same_authority_is_kept(tmp_path: Path) -> None:
    noted = note(tmp_path, HOME, "chat.example.com", PRODUCTION)
    started(tmp_path, PRODUCTION)
    assert noted.exists()


def test_an_authority_whose_address_only_starts_the_same_is_another(tmp_path: Path) -> None:
    noted = note(tmp_path, HOME, "chat.example.com", f"{OWN}/old")
    started(tmp_path, OWN)
    assert not noted.exists()


@pytest.mark.parametrize("now", [PRODUCTION, OWN])
def test_what_came_from_the_staging_authority_is_no_certificate_of_another(tmp_path: Path, now: str) -> None:
    # acme-companion keeps it apart by itself, for when the staging authority is asked again.
    noted = note(tmp_path, "staging", "chat.example.com", STAGING)
    started(tmp_path, now)
    assert noted.exists()


def test_the_account_at_an_authority_stays(tmp_path: Path) -> None:
    account = tmp_path / HOME / "ca" / "acme-v02.api.letsencrypt.org" / "directory" / "ca.conf"
    account.parent.mkdir(parents=True)
    account.write_text(f"CA_EMAIL='{HOME}'\n")
    (tmp_path / HOME / "account.conf").write_text("ACCOUNT_EMAIL='ada@example.com'\n")
    started(tmp_path, OWN)
    assert account.exists()


def test_the_images_own_command_is_started(tmp_path: Path) -> None:
    assert started(tmp_path, PRODUCTION) == "it runs\n"
