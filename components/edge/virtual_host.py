"""Settings of nginx for an app's host names, as nginx-proxy's vhost.d files: limits, directives, access."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi import Input, ResourceOptions

from components.edge.edge import ANSWERED, PASSWORDS, Edge
from components.host.host import Host
from components.host.shell import Command, Script, delete, script
from components.workload import App

_FOLDER = Path(__file__).parent
_WRITE = _FOLDER / "virtual_host.sh"
_RELEASE = _FOLDER / "release.sh"
_NAMES = _FOLDER / "names.sh"


@dataclass(frozen=True)
class HostNames:
    """The host names of an app at an edge, and the scripts by which they are its own."""

    app: App
    edge: Edge
    host: Host

    @property
    def variables(self) -> Mapping[str, Input[str]]:
        """What a script needs to know to ask names.sh."""
        return {
            "app": self.app.name,
            "deployment": self.host.deployment.label,
            "vhosts": self.edge.volumes["vhost"].name,
            "passwords": self.edge.volumes["htpasswd"].name,
            "names": _NAMES.read_text(),
        }

    def settings(self, opts: ResourceOptions) -> list[Command]:
        """Resources that exist once nginx has the settings of each name, or will at the app's takeover.

        Containers of the app depend on them, so one is deleted, when the app leaves the name, after the last
        container that answers there. Never is one replaced: a deletion means that the app has left.
        """
        return [self._settings(hostname, opts) for hostname in self.app.hostnames]

    def _settings(self, hostname: str, opts: ResourceOptions) -> Command:
        files = virtual_host_files(self.app, hostname)
        lines = [f"{file} {base64.b64encode(content.encode()).decode()}" for file, content in files.items()]
        return self.host.shell.run(
            f"{self.app.name}-virtual-host-{hostname}",
            Script(
                create=script(
                    _WRITE,
                    **self.variables,
                    name=hostname,
                    image=self.edge.shell_image,
                    files="\n".join(lines),
                ),
                delete=delete(_RELEASE.read_text(), **self.variables, name=hostname),
            ),
            opts,
        )


def virtual_host_files(app: App, hostname: str) -> dict[str, str]:
    """File name -> content, for /etc/nginx/vhost.d.

    `<host>` is included in the server block, `<host>_location` in that of `/`, a path of its own has
    `<host>_<sha1 of the path>_location`, and `..._location_override` stands in place of the whole block
    (nginx-proxy's documentation, "Per-VIRTUAL_HOST" and "Overriding location blocks"). Where the app has a
    password nobody gets in without it, not even while the file of passwords is missing.
    """
    routes = [route for route in app.routes if route.hostname == hostname]
    limit = max(route.upload_limit for route in routes)
    answer = f"add_header X-Homeport-Answer-{app.name} {ANSWERED} always"
    lines = [f"client_max_body_size {limit}m", answer]
    if app.access:
        lines += [f'auth_basic "{hostname}"', f"auth_basic_user_file {PASSWORDS}/{app.name}"]
    files = {hostname: _text(lines)}
    for route in routes:
        infix = "" if route.path == "/" else f"_{_sha1(route.path)}"
        location = list(route.location)
        # A location with a header of its own has none of the server's.
        if any(line.startswith("add_header ") for line in location):
            location.append(answer)
        if route.redirect:
            body = _text([*location, f"return 301 {route.redirect}$request_uri"], indent="    ")
            files[f"{hostname}{infix}_location_override"] = f"location {route.path} {{\n{body}}}\n"
        elif location:
            files[f"{hostname}{infix}_location"] = _text(location)
    return files


def _text(lines: Sequence[str], indent: str = "") -> str:
    return "".join(f"{indent}{line};\n" for line in lines)


def _sha1(path: str) -> str:
    return hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()
