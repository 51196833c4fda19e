"""A Mastodon that somebody set up by hand with Docker, as tutorials do, and what is left of it."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.vapid import vapid_key
from tests.e2e.deployed import Deployed

HOSTNAME = "old.homeport.test"
EMAIL = "grace@homeport.test"
TEXT = "written in the old installation"
PICTURE = b"\x89PNG\r\n\x1a\na picture of the old installation"
DUMPS: Mapping[str, str] = {
    "custom.dump": "pg_dump -U postgres --format=custom postgres",
    "all.sql": "pg_dumpall -U postgres",
}

_SERVERS = """
mkdir -p /srv/old/public/system && chown -R 991:991 /srv/old/public
docker network create old >/dev/null
docker run -d --name old-db --network old --network-alias db -e POSTGRES_HOST_AUTH_METHOD=trust \
    postgres:15.14 >/dev/null
docker run -d --name old-redis --network old --network-alias redis redis:8.2.10 >/dev/null
until docker exec old-db pg_isready -q -h 127.0.0.1; do sleep 0.5; done
"""
_APP = f"""
cat >/srv/old/.env.production
run="docker run --network old --env-file /srv/old/.env.production"
run="$run --volume /srv/old/public/system:/opt/mastodon/public/system"
$run --rm $IMAGE bundle exec rails db:setup >/dev/null
$run --detach --name old-web $IMAGE bundle exec puma -C config/puma.rb >/dev/null
until docker exec old-web curl -fs http://127.0.0.1:3000/health >/dev/null; do sleep 0.5; done
docker exec old-web bin/tootctl accounts create grace --email {EMAIL} --confirmed --approve --role Owner
"""
_TAKE_AWAY = (
    "docker rm -f -v old-web old-db old-redis >/dev/null; docker network rm old >/dev/null; rm -r /srv/old"
)


@dataclass(frozen=True)
class Handmade:
    """What its operator has in hand once it is stopped."""

    folder: Path
    """With the dumps and, from the server, `system`."""
    password: str
    """Of the only person there."""
    status: str
    """Id of what that person wrote; it has a picture."""
    variables: Mapping[str, str]
    """Of `.env.production`."""

    @classmethod
    def set_up(cls, deployed: Deployed, version: str, folder: Path) -> Handmade:
        """Have one on the stack's machine, use it, copy what is to move, and take it away."""
        image = f"ghcr.io/mastodon/mastodon:v{version}"
        _shell(deployed, f"docker pull --quiet {image} >/dev/null\n{_SERVERS}")
        variables = _variables(deployed.docker("run", "--rm", image, "rails", "db:encryption:init"))
        text = "".join(f"{name}={value}\n" for name, value in variables.items())
        printed = _shell(deployed, f"IMAGE={image}\n{_APP.lstrip()}", text)
        password = printed.partition("New password: ")[2].split()[0]
        status = _write(deployed, password)
        deployed.docker("stop", "old-web")
        for name, command in DUMPS.items():
            (folder / name).write_bytes(_output(deployed, "docker", "exec", "old-db", *command.split()))
        packed = _output(deployed, "tar", "-C", "/srv/old/public", "-cf", "-", "system")
        subprocess.run(["tar", "-C", str(folder), "-xf", "-"], input=packed, check=True)
        _shell(deployed, _TAKE_AWAY)
        return cls(folder, password, status, variables)


def _variables(encryption: str) -> dict[str, str]:
    """The tutorial's, with fresh secrets; `encryption` is what Mastodon's own task for these prints."""
    command = ("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    pem = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    ).stdout.decode()
    return {
        "LOCAL_DOMAIN": HOSTNAME,
        "DB_HOST": "db",
        "DB_NAME": "postgres",
        "DB_USER": "postgres",
        "REDIS_HOST": "redis",
        "SECRET_KEY_BASE": secrets.token_hex(64),
        "VAPID_PRIVATE_KEY": vapid_key(pem, half="private"),
        "VAPID_PUBLIC_KEY": vapid_key(pem, half="public"),
        **dict(line.split("=", 1) for line in encryption.splitlines()),
    }


def _write(deployed: Deployed, password: str) -> str:
    """A status with a picture; its id."""

    def ask(path: str, *arguments: str) -> dict[str, str]:
        host = ("-H", f"Host: {HOSTNAME}", "-H", "X-Forwarded-Proto: https")
        told = deployed.docker(
            "exec", "old-web", "curl", "-fsS", *host, f"http://127.0.0.1:3000{path}", *arguments
        )
        answer: dict[str, str] = json.loads(told)
        return answer

    redirect = ("-d", "redirect_uris=urn:ietf:wg:oauth:2.0:oob", "-d", "scopes=read write")
    client = ask("/api/v1/apps", "-d", "client_name=old", *redirect)
    login = {
        "grant_type": "password",
        "username": EMAIL,
        "password": password,
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "redirect_uri": "urn:ietf:wg:oauth:2.0:oob",
        "scope": "read write",
    }
    token = ask("/oauth/token", *(word for name in login for word in ("-d", f"{name}={login[name]}")))
    bearer = ("-H", f"Authorization: Bearer {token['access_token']}")
    encoded = base64.b64encode(PICTURE).decode()
    deployed.docker("exec", "old-web", "sh", "-c", f"echo {encoded} | base64 -d >/tmp/a.png")
    media = ask("/api/v2/media", *bearer, "-F", "file=@/tmp/a.png")
    return ask("/api/v1/statuses", *bearer, "-d", f"status={TEXT}", "-d", f"media_ids[]={media['id']}")["id"]


def _shell(deployed: Deployed, script: str, more: str = "") -> str:
    """Run a script on the machine; its last command that reads standard input gets `more`."""
    ran = deployed.on_machine("bash", "-euo", "pipefail", "-c", script, stdin=more)
    assert ran.status == 0, ran.output
    return ran.output


def _output(deployed: Deployed, *command: str) -> bytes:
    return subprocess.run(
        ["docker", "exec", deployed.machine, *command], stdout=subprocess.PIPE, check=True
    ).stdout
