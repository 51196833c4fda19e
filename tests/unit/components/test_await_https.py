"""Who answers at a host name: the app that was deployed, or somebody else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from components.host.shell import with_variables

SCRIPT = Path(__file__).parents[3] / "components" / "edge" / "await_https.sh"
DOCKER = """\
#!/bin/sh
case "$1 $*" in
*homeport.role=nginx*) echo nginx ;;
*homeport.app=pages*) echo one ;;
*homeport.role=acme-companion*) echo companion ;;
inspect*) echo 172.18.0.5 ;;
exec*) echo "a certificate" ;;
esac
"""
CURL = """\
#!/bin/sh
cat >"$ASKED"
printf '%s\\r\\n' "$ANSWER"
"""


OPENSSL = """\
#!/bin/sh
cat >/dev/null
echo "a certificate"
"""


def answer(
    folder: Path, answer: str, *, status: str = "", redirected: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the script for the app `pages` at `a.test`, where curl shows these headers."""
    for name, text in (("docker", DOCKER), ("curl", CURL), ("openssl", OPENSSL)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    variables = {
        "APP": "pages",
        "NAMES": "a.test",
        "REDIRECTED": redirected,
        "WAIT": "0",
        "AUTHORITY": "https://authority.test/directory",
        "TRUSTED": "1",
        "PAGE": "/",
        "STATUS": status,
        "DEPLOYMENT": "00ff",
    }
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-s"],
        input=with_variables(SCRIPT.read_text(), variables),
        env={**os.environ, "PATH": path, "ANSWER": answer, "ASKED": str(folder / "asked")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("status", ["200 OK", "302 Found"])
def test_an_answer_of_the_apps_own_container_counts(tmp_path: Path, status: str) -> None:
    ran = answer(tmp_path, f"HTTP/1.1 {status}\nX-Homeport-Answer-pages: by 172.18.0.5:80")
    assert (ran.returncode, ran.stdout) == (0, "https://a.test answers\n")


def test_of_several_containers_that_were_asked_the_last_answered(tmp_path: Path) -> None:
    tried = "by 172.18.0.9:80, 172.18.0.5:80"
    assert answer(tmp_path, f"HTTP/2 200\nx-homeport-answer-pages: {tried}").returncode == 0


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ("HTTP/2 301\nlocation: https://gone.test/", "status 301, but not with the settings of pages"),
        (
            "HTTP/2 200\nx-homeport-answer-shop: by 172.18.0.5:80",
            "status 200, but not with the settings of pages",
        ),
        (
            "HTTP/2 200\nx-homeport-answer-pages: by 172.18.0.6:80",
            "status 200, but from 172.18.0.6:80, which is no container of pages",
        ),
        (
            "HTTP/2 301\nx-homeport-answer-pages: by ",
            "status 301, but from nginx itself, which is no container of pages",
        ),
        ("HTTP/2 502\nx-homeport-answer-pages: by 172.18.0.5:80", "status 502, not below 400"),
        ("", "status unknown, not below 400"),
    ],
)
def test_an_answer_of_anybody_else_does_not_count(tmp_path: Path, headers: str, problem: str) -> None:
    ran = answer(tmp_path, headers)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"https://a.test does not answer after 0 seconds: {problem}\n")


def test_a_name_that_nginx_redirects_for_the_app_is_answered_by_nginx(tmp_path: Path) -> None:
    redirect = "HTTP/2 301\nx-homeport-answer-pages: by "
    assert answer(tmp_path, redirect, redirected="a.test").returncode == 0
    assert answer(tmp_path, "HTTP/2 301", redirected="a.test").returncode == 1


def test_an_app_with_a_password_must_refuse_who_has_none(tmp_path: Path) -> None:
    refused = "HTTP/2 401\nx-homeport-answer-pages: by "
    assert answer(tmp_path, refused, status="401").returncode == 0
    shown = answer(tmp_path, "HTTP/2 200\nx-homeport-answer-pages: by 172.18.0.5:80", status="401")
    assert shown.returncode == 1
    assert "status 200, not 401" in shown.stderr
    assert answer(tmp_path, "HTTP/2 401", status="401").returncode == 1


def test_what_is_said_to_nginx_is_no_argument(tmp_path: Path) -> None:
    answer(tmp_path, "HTTP/2 200\nx-homeport-answer-pages: by 172.18.0.5:80")
    assert (tmp_path / "asked").read_text() == "X-Homeport-Check: 00ff\n"
