"""Per-app settings of nginx: upload limits and location directives, as nginx-proxy's vhost.d files."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from pulumi import ResourceOptions

from components.edge.edge import PASSWORDS, Edge
from components.host.shell import Command, Script, Shell, script
from components.workload import Route

_WRITE = Path(__file__).parent / "virtual_host.sh"


def virtual_host_files(routes: Sequence[Route], *, closed: bool = False) -> dict[str, str]:
    """File name -> content, for /etc/nginx/vhost.d.

    `<host>` is included in the server block, `<host>_location` in that of `/`, a path of its own has
    `<host>_<sha1 of the path>_location`, and `..._location_override` stands in place of the whole block
    (nginx-proxy's documentation, "Per-VIRTUAL_HOST" and "Overriding location blocks"). `closed`: nobody gets
    in without a password, not even while the file of passwords is missing.
    """
    files: dict[str, str] = {}
    for hostname in dict.fromkeys(route.hostname for route in routes):
        limit = max(route.upload_limit for route in routes if route.hostname == hostname)
        files[hostname] = f"client_max_body_size {limit}m;\n"
        if closed:
            files[hostname] += f'auth_basic "{hostname}";\nauth_basic_user_file {PASSWORDS}/{hostname};\n'
    for route in routes:
        infix = "" if route.path == "/" else f"_{_sha1(route.path)}"
        if route.redirect:
            directives = (*route.location, f"return 301 {route.redirect}$request_uri")
            body = "".join(f"    {line};\n" for line in directives)
            files[f"{route.hostname}{infix}_location_override"] = f"location {route.path} {{\n{body}}}\n"
        elif route.location:
            files[f"{route.hostname}{infix}_location"] = "".join(f"{line};\n" for line in route.location)
    return files


def virtual_hosts(
    name: str,
    edge: Edge,
    shell: Shell,
    routes: Sequence[Route],
    opts: ResourceOptions,
    *,
    closed: bool = False,
) -> Command:
    """A resource that exists once nginx knows the routes' settings."""
    files = {
        file: base64.b64encode(content.encode()).decode()
        for file, content in virtual_host_files(routes, closed=closed).items()
    }
    return shell.run(
        name,
        Script(
            create=script(
                _WRITE,
                volume=edge.volumes["vhost"].name,
                image=edge.shell_image,
                files="\n".join(f"{file} {content}" for file, content in files.items()),
            ),
        ),
        opts,
    )


def _sha1(path: str) -> str:
    return hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()
