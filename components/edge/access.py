"""Names and passwords that nginx asks for before it hands a request to an app."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi import Output, ResourceOptions

from components.edge.edge import Edge
from components.host.shell import Command, Script, Shell, script

_WRITE = Path(__file__).parent / "access.sh"
# One command line without secrets. The volume is nginx's; where that is gone, so is the file.
_REMOVE = """\
nginx=$(docker ps --all --quiet --filter label=homeport.role=nginx | head -n 1)
[ -n "$nginx" ] || exit 0
found='{{range .Mounts}}{{if eq .Destination "/etc/nginx/htpasswd"}}{{.Name}}{{end}}{{end}}'
volume=$(docker inspect --format "$found" "$nginx")
image=$(docker inspect --format '{{.Image}}' "$nginx")
docker run --rm --network none --entrypoint rm --volume "$volume:/htpasswd" "$image" -f"""


@dataclass(frozen=True)
class AccessArgs:
    """Who may see which host names."""

    hostnames: Sequence[str]
    user: str
    password: Output[str]


def access(name: str, edge: Edge, shell: Shell, args: AccessArgs, opts: ResourceOptions) -> Command:
    """A resource that exists once nginx and docker-gen find the file: before any container of the app does.

    nginx-proxy's rule: `/etc/nginx/htpasswd/<host>` closes every location of that host name.
    """
    files = " ".join(shlex.quote(f"/htpasswd/{hostname}") for hostname in args.hostnames)
    return shell.run(
        name,
        Script(
            script(
                _WRITE,
                volume=edge.volumes["htpasswd"].name,
                image=edge.shell_image,
                names=" ".join(args.hostnames),
                login=args.user,
                password=args.password,
            ),
            # Left there, it would close the name to the next app that gets it.
            delete=f"set -e; {'; '.join(_REMOVE.splitlines())} {files}",
        ),
        opts,
    )
