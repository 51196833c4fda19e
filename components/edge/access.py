"""Names and passwords that nginx asks for before it hands a request to an app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pulumi import Output, ResourceOptions

from components.edge.edge import Edge
from components.host.host import Host
from components.host.shell import Command, Script, delete, script

_WRITE = Path(__file__).parent / "access.sh"
# The volume is nginx's; where that is gone, so is the file.
_REMOVE = """\
ours=(--filter "label=homeport.deployment=$DEPLOYMENT" --filter label=homeport.role=nginx)
nginx=$(docker ps --all --quiet "${ours[@]}")
[ -n "$nginx" ] || exit 0
image=$(docker inspect --format '{{.Image}}' "$nginx")
docker run --rm --network none --entrypoint rm --volume "$VOLUME:/htpasswd" "$image" -f "/htpasswd/$FILE"
"""


@dataclass(frozen=True)
class AccessArgs:
    """Who may see an app."""

    app: str
    user: str
    password: Output[str]


def access(name: str, edge: Edge, host: Host, args: AccessArgs, opts: ResourceOptions) -> Command:
    """A resource that exists once nginx finds the app's file of passwords, which is before its containers do.

    The file has the app's name, so that it closes no host name by itself, as one called `<host>` would by
    nginx-proxy's rule: what closes a name are the settings of the app that has it (virtual_host.py).
    """
    volume = edge.volumes["htpasswd"].name
    return host.shell.run(
        name,
        Script(
            script(
                _WRITE,
                volume=volume,
                image=edge.shell_image,
                file=args.app,
                login=args.user,
                password=args.password,
            ),
            delete=delete(_REMOVE, deployment=host.deployment.label, volume=volume, file=args.app),
        ),
        opts,
    )
