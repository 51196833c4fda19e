"""What identity.sh says to a lower version, with a docker client that keeps the volume in a folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from components.host.shell import with_variables

COMPONENTS = Path(__file__).parents[3] / "components"


def run(folder: Path, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one of the scripts with a volume in this folder."""
    docker = folder / "bin" / "docker"
    docker.parent.mkdir(exist_ok=True)
    docker.write_text('#!/bin/bash\nscript=${!#}\nexec sh -euc "${script//\\/identity\\//$FOLDER/}"\n')
    docker.chmod(0o755)
    (folder / "volume").mkdir(exist_ok=True)
    environment = {"PATH": f"{docker.parent}:{os.environ['PATH']}", "FOLDER": f"{folder}/volume"}
    return subprocess.run(
        ["bash", "-s"],
        input=with_variables((COMPONENTS / name).read_text(), {"volume": "v", "image": "i", **variables}),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def deploy(folder: Path, served: str, version: str, numbers: int) -> subprocess.CompletedProcess[str]:
    """Say a version where another one served."""
    assert run(folder, "served.sh", version=served).returncode == 0
    return run(
        folder,
        "identity.sh",
        app="chat",
        identity="",
        secrets="",
        version=version,
        numbers=str(numbers),
        reason="There is no way back.",
    )


@pytest.mark.parametrize(
    ("served", "version", "numbers"),
    [("11.7.0", "10.12.0", 1), ("11.0.0", "9.11.2", 1), ("4.7.4", "4.6.9", 3), ("4.10.0", "4.9.1", 3)],
)
def test_a_version_below_the_one_that_served_is_refused_with_the_reason(
    tmp_path: Path, served: str, version: str, numbers: int
) -> None:
    ran = deploy(tmp_path, served, version, numbers)
    assert ran.returncode == 1
    assert f"chat ran version {served}, and version: {version} is lower. There is no way back." in ran.stderr
    assert "allowDowngrade: true" in ran.stderr


@pytest.mark.parametrize(
    ("served", "version", "numbers"),
    [
        ("11.11.1", "11.7.0", 1),
        ("9.11.0", "10.0.0", 1),
        ("4.7.3", "4.7.4", 3),
        ("4.9.1", "4.10.0", 3),
        ("4.7.4", "4.7.4", 3),
        ("11.7.0", "10.12.0", 0),
    ],
)
def test_a_version_that_the_database_fits_is_let_through(
    tmp_path: Path, served: str, version: str, numbers: int
) -> None:
    ran = deploy(tmp_path, served, version, numbers)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_an_app_of_which_no_version_served_is_let_through(tmp_path: Path) -> None:
    (tmp_path / "volume").mkdir()
    ran = run(
        tmp_path, "identity.sh", app="a", identity="", secrets="", version="1.0", numbers="1", reason="No."
    )
    assert (ran.returncode, ran.stderr) == (0, "")
