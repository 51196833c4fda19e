"""What brings the metrics pages of an app's own services under the host name of the metrics.

An app's container gets no route of the metrics' host name: it would have to change when they come or go, and
whoever reached it there before the file of passwords was written, or after it went, would need none. A small
nginx, one of the exporters, stands between; it hands on these pages and nothing else.
"""

from __future__ import annotations

from pathlib import Path

from components.confinement import Confinement, MemoryFolder
from components.workload import App, Health, Memory, MetricsPage, PublishedImage, Route, Service

_PORT = 8080
_CONFIGURATION = (Path(__file__).parent / "metrics_forwarder.conf").read_text()
# It listens above 1024 and reads no key, so `nginx` of the official image can start it.
_CONFINEMENT = Confinement(user="101:101", memory_folders=(MemoryFolder("/tmp", size=8),))
# The image has no folder for a file of ours; /tmp is the container's own.
_START = 'printf "%s" "$1" >/tmp/nginx.conf; exec nginx -c /tmp/nginx.conf -g "daemon off;"'


def pages(app: App) -> dict[str, tuple[Service, MetricsPage]]:
    """Path under the metrics' host name -> where that page of the app is."""
    found = [(service, page) for service in app.services for page in service.metrics]
    return {f"{_path(app)}/{page.name}".rstrip("/"): (service, page) for service, page in found}


def forwarders(app: App, hostname: str, nginx: str, memory: Memory) -> tuple[Service, ...]:
    """The one for this app, or none where it has no metrics. `nginx` is the version of its image.

    One for each app: two apps have services of the same name, and one for all would join their networks.
    """
    if not pages(app):
        return ()
    locations = "".join(_location(path, service, page) for path, (service, page) in pages(app).items())
    forwarder = Service(
        name=f"app-{app.name}",
        image=PublishedImage(f"nginx:{nginx}"),
        memory=memory,
        confinement=_CONFINEMENT,
        command=("sh", "-euc", _START, "sh", _CONFIGURATION.replace("# PAGES\n", locations)),
        joins=(app.name,),
        health=Health(("curl", "--silent", "--fail", f"http://127.0.0.1:{_PORT}/")),
        routes=(Route(hostname, _PORT, _path(app)),),
        metrics=tuple(
            MetricsPage(_PORT, path, page.name or app.kind) for path, (_, page) in pages(app).items()
        ),
    )
    return (forwarder,)


def _path(app: App) -> str:
    return f"/app/{app.name}"


def _location(path: str, service: Service, page: MetricsPage) -> str:
    # With a variable the name is looked up again and again: an update puts another container behind it.
    return (
        f"        location = {path} {{\n"
        f"            set $page {service.host}:{page.port}{page.path};\n"
        "            proxy_pass http://$page;\n"
        "            limit_except GET { deny all; }\n"
        "        }\n"
    )
