"""nginx on the `front` network, with docker-gen and acme-companion apart from it.

Split mode: only docker-gen and acme-companion hold the Docker socket, and they publish nothing and
share no network with an app. docker-gen writes nginx's configuration from the containers it sees,
acme-companion gets their certificates; both tell nginx to reload.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pulumi import ComponentResource, Output, Resource, ResourceOptions

from components import docker
from components.budget import edge_memory
from components.confinement import Confinement, MemoryFolder
from components.container import ContainerArgs, container
from components.edge.connections import Connections
from components.edge.settings import AcmeSettings, EdgeSettings, PlainSettings
from components.host.host import Host
from components.workload import Health, Memory

NGINX_LABELS = {
    # acme-companion looks for the first, docker-gen for the second.
    "com.github.nginx-proxy.nginx": "true",
    "com.github.nginx-proxy.nginx-proxy.nginx": "true",
    "homeport.role": "nginx",
}
_SOCKET = {"homeport.docker-socket": "true"}
"""By which the machine knows who needs a restart when Docker's socket is made anew."""
DOCKER_GEN_LABELS = {**_SOCKET, "com.github.nginx-proxy.docker-gen": "true", "homeport.role": "docker-gen"}
COMPANION_LABELS = {**_SOCKET, "homeport.role": "acme-companion"}

_CA_BUNDLE = "/etc/homeport/ca.pem"
PASSWORDS = "/etc/nginx/htpasswd"
"""Where nginx finds a file of passwords for each app that asks for one."""
ANSWERED = "$homeport_answered"
"""nginx's variable that says which address answered, to who knows the deployment's label."""
_SERVING = "/etc/homeport/serving.sh"
_CONF = "/etc/nginx/conf.d/homeport.conf"
_SERVING_SCRIPT = Path(__file__).parent / "serving.sh"
_AUTHORITY_SCRIPT = Path(__file__).parent / "authority.sh"
# The image's own entry point and command. The first looks for these very words in the second before it checks
# what it needs.
_COMPANION_ENTRYPOINT = ("/bin/bash", "/app/entrypoint.sh")
_COMPANION_COMMAND = ("/bin/bash", "/app/start.sh")
_GENERATED = "/etc/nginx/conf.d/default.conf.generated"
_DEFAULT = "/etc/nginx/conf.d/default.conf"
# The image's own command, but for what is done with the file. What was generated before docker-gen was
# killed, and nginx was not told of, must count as new: docker-gen does nothing where nothing changed. Files
# are arguments: Docker puts none into a container whose root file system cannot be written. When nginx's
# container is made, Docker fills the empty volume with what nginx's image has. Its default.conf must not come
# after the one that is made here: so it is waited for, but not for ever.
_GENERATE = f"""\
set -eu; for _ in $(seq 100); do [ ! -e {_DEFAULT} ] || break; sleep 0.2; done; \
printf %s "$1" >{_SERVING}; printf %s "$2" >{_CONF}; rm -f {_GENERATED}; \
exec docker-gen -watch -wait 100ms:500ms -event-filter event=connect \
-event-filter event=disconnect -notify 'sh {_SERVING}' -notify-output \
-notify-filter label=com.github.nginx-proxy.nginx-proxy.nginx /app/nginx.tmpl {_GENERATED}"""
# The image's own command, and its own configuration but for how many connections a worker takes: that is in
# a block of which there may be only one.
_SERVE = """\
set -eu; sed -E "s/(worker_connections) +[0-9]+/\\1 $1/" /etc/nginx/nginx.conf >/run/nginx.conf; \
grep -q "worker_connections $1;" /run/nginx.conf; \
exec nginx -c /run/nginx.conf -g "daemon off; worker_rlimit_nofile $2;\""""
_VOLUMES = {
    "conf": "/etc/nginx/conf.d",
    "vhost": "/etc/nginx/vhost.d",
    "certs": "/etc/nginx/certs",
    "html": "/usr/share/nginx/html",
    "htpasswd": PASSWORDS,
    "acme": "/etc/acme.sh",
}
# Without the time-out, a request to a container that has just gone hangs for a minute on its address.
_NGINX_CONF = "server_tokens off;\nproxy_connect_timeout 1s;\n"
# Else a reload closes connections of clients that are just about to send a request. takeover.sh waits longer:
# until then a worker of before may still begin one.
_KEEPALIVE = "keepalive_min_timeout 5s;\n"

# Its master process binds ports below 1024, which not every engine allows to everybody, gives folders of
# /var/cache/nginx to the user `nginx` (src/core/ngx_file.c) and starts workers as that user
# (src/os/unix/ngx_process_cycle.c).
_NGINX = Confinement(
    root="it reads the certificates' keys, which are root's; its workers are not root",
    capabilities=("CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"),
    memory_folders=(MemoryFolder("/run", size=1, mode="0755"),),
    # Requests and answers that are too large for memory; an upload may be 10 GiB.
    scratch=("/var/cache/nginx",),
)
_SOCKET_OWNER = "Docker's socket belongs to root"
_DOCKER_GEN = Confinement(
    root=_SOCKET_OWNER, memory_folders=(MemoryFolder(str(Path(_SERVING).parent), size=1, mode="0755"),)
)
# All its volumes and what it makes there are root's (app/functions.sh, set_ownership_and_permissions), so it
# changes no owner but root to root.
_COMPANION = Confinement(
    root=_SOCKET_OWNER, writable="acme-companion writes the list of host names into /app, beside its programs"
)


@dataclass(frozen=True)
class EdgeArgs:
    """The edge's settings and where it runs."""

    settings: EdgeSettings
    host: Host
    memory: int
    """MiB of RAM that all containers may use together."""
    ca_bundle: str | None
    """PEM text of the root that signed the ACME server's own certificate, if it is not a public one."""


class Edge(ComponentResource):
    """Everything between the internet and the apps. Apps join `front` and wait for `ready`.

    nginx and docker-gen start side by side. Only what waits for a certificate waits for acme-companion, which
    asks for all that containers want when it starts.
    """

    def __init__(self, name: str, args: EdgeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("homeport:edge:Edge", name, None, opts)
        self._args = args
        self._memory = {
            role: Memory(limit=size, swap=size) for role, size in edge_memory(args.memory).items()
        }
        self._connections = Connections(self._memory["nginx"].limit)
        self.settings = args.settings
        self._child = ResourceOptions(parent=self, provider=args.host.provider, depends_on=args.host.ready)
        self.front = docker.Network("front", driver="bridge", opts=self._child)
        self._control = docker.Network("control", driver="bridge", opts=self._child)
        self.volumes = {volume: docker.Volume(f"{name}-{volume}", opts=self._child) for volume in _VOLUMES}
        nginx_image = self._image("nginx")
        self.shell_image = nginx_image.image_id
        """An image with a shell that is on the machine anyway, for scripts that touch volumes."""
        nginx = self._nginx(nginx_image)
        docker_gen = self._docker_gen(nginx_image)
        self.ready: list[Resource] = [nginx, docker_gen]
        self.certifying: list[Resource] = []
        """What gets certificates; nothing where there are none."""
        if isinstance(args.settings.certificate, AcmeSettings):
            self.certifying.append(self._companion(args.settings.certificate, nginx, docker_gen))
        self.register_outputs({"front": self.front.name})

    def _image(self, name: str) -> docker.RemoteImage:
        reference = self.settings.images[name]
        return docker.RemoteImage(name, name=reference, keep_locally=True, opts=self._child)

    def _mounts(self, *volumes: str, writable: tuple[str, ...] = ()) -> list[docker.ContainerVolumeArgs]:
        return [
            docker.ContainerVolumeArgs(
                volume_name=self.volumes[volume].name,
                container_path=_VOLUMES[volume],
                read_only=volume not in writable,
            )
            for volume in volumes
        ]

    def _socket(self, path: str) -> docker.ContainerVolumeArgs:
        return docker.ContainerVolumeArgs(
            host_path=self._args.host.docker_socket, container_path=path, read_only=True
        )

    def _nginx(self, image: docker.RemoteImage) -> docker.Container:
        connections = self._connections
        return container(
            "nginx",
            self._args.host,
            ContainerArgs(
                image=image.image_id,
                memory=self._memory["nginx"],
                confinement=_NGINX,
                reservation=20,
                networks=[(self.front, "nginx")],
                ports=self._ports(),
                volumes=self._mounts("conf", "vhost", "certs", "html", "htpasswd"),
                command=("sh", "-c", _SERVE, "sh", str(connections.worker), str(connections.files)),
                labels=NGINX_LABELS,
                # As the image has it: nginx answers what it has begun to.
                stop_signal="SIGQUIT",
                # Any answer will do: with no app yet, nginx says 404 or 503.
                health=Health(("curl", "--silent", "--output", "/dev/null", "http://127.0.0.1/")),
            ),
            ResourceOptions(parent=self),
        )

    def _ports(self) -> list[docker.ContainerPortArgs]:
        match self.settings.certificate:
            case PlainSettings(port=port):
                return [docker.ContainerPortArgs(internal=80, external=port, ip="127.0.0.1")]
            case AcmeSettings():
                return [
                    docker.ContainerPortArgs(internal=80, external=80),
                    docker.ContainerPortArgs(internal=443, external=443),
                ]

    def _docker_gen(self, nginx_image: docker.RemoteImage) -> docker.Container:
        image = self._image("docker-gen")
        return container(
            "docker-gen",
            self._args.host,
            ContainerArgs(
                image=image.image_id,
                memory=self._memory["docker-gen"],
                confinement=_DOCKER_GEN,
                reservation=12,
                networks=[(self._control, "docker-gen")],
                environment=[
                    # Its default would let a client forge X-Forwarded-Proto.
                    "TRUST_DOWNSTREAM_PROXY=false",
                    f"HSTS={f'max-age={self.settings.hsts}' if self.settings.hsts else 'off'}",
                ],
                volumes=[
                    *self._mounts("conf", "vhost", "certs", "html", "htpasswd", writable=("conf",)),
                    self._socket("/tmp/docker.sock"),
                ],
                command=("sh", "-c", _GENERATE, "sh", _SERVING_SCRIPT.read_text(), self._nginx_conf()),
                labels=DOCKER_GEN_LABELS,
                stop_signal="SIGTERM",
                health=Health(("test", "-s", _GENERATED)),
            ),
            # It waits for nginx's container, see `_GENERATE`, and so for its image.
            ResourceOptions(parent=self, depends_on=[nginx_image]),
        )

    def _nginx_conf(self) -> Output[str]:
        return Output.concat(
            _NGINX_CONF,
            self._connections.directives,
            _KEEPALIVE if self.settings.keeps_connections else "",
            "map $http_x_homeport_check ",
            ANSWERED,
            ' {\n    default "";\n    "',
            self._args.host.deployment.label,
            '" "by $upstream_addr";\n}\n',
        )

    def _companion(
        self, acme: AcmeSettings, nginx: docker.Container, docker_gen: docker.Container
    ) -> docker.Container:
        image = self._image("acme-companion")
        ca_bundle = self._args.ca_bundle
        return container(
            "acme-companion",
            self._args.host,
            ContainerArgs(
                image=image.image_id,
                memory=self._memory["acme-companion"],
                confinement=_COMPANION,
                reservation=18,
                networks=[(self._control, "acme-companion")],
                environment=[
                    f"ACME_CA_URI={acme.directory}",
                    *([f"DEFAULT_EMAIL={acme.email}"] if acme.email else []),
                    *([f"CA_BUNDLE={_CA_BUNDLE}"] if ca_bundle else []),
                ],
                volumes=[
                    *self._mounts("certs", "html", "acme", writable=("certs", "html", "acme")),
                    self._socket("/var/run/docker.sock"),
                ],
                entrypoint=(
                    "/bin/bash",
                    "-c",
                    _AUTHORITY_SCRIPT.read_text(),
                    "authority",
                    *_COMPANION_ENTRYPOINT,
                ),
                command=_COMPANION_COMMAND,
                uploads=[docker.ContainerUploadArgs(file=_CA_BUNDLE, content=ca_bundle)] if ca_bundle else [],
                labels=COMPANION_LABELS,
                # Its docker-gen writes this file once it has seen the containers.
                health=Health(("test", "-e", "/app/letsencrypt_service_data")),
            ),
            ResourceOptions(parent=self, depends_on=[nginx, docker_gen]),
        )
