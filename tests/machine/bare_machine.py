"""A machine in a box without a Pulumi engine: what a startup script finds at a machine's first boot."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from components.host.bootstrap import Bootstrap
from sandbox.box import Box
from sandbox.box_description import Description
from sandbox.cloud import Cloud
from sandbox.firewall import firewall_rules
from sandbox.images.build import built
from sandbox.images.catalogue import PREPARED_MACHINE
from sandbox.machine import DISK_LABEL, Machine, run_on_volumes

_SCRIPT = "/root/bootstrap.sh"
_KILLER = """\
set -T
trap '[[ "$BASH_COMMAND @${name:-}" == $KILL_AT ]] && { echo "$KILL_AT" >/run/killed; kill -9 0; }' DEBUG
"""
"""Read by each bash that starts with it as BASH_ENV: kills the whole run just before one command."""


@dataclass(frozen=True)
class HostKey:
    """An SSH host key as the deployment generates one."""

    private: str
    public: str

    @classmethod
    def generate(cls) -> HostKey:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key"
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
            public = path.with_suffix(".pub").read_text().split()[:2]
            return cls(path.read_text(), " ".join(public))


class BareMachine:
    """A booted machine with a blank data disk; scripts are run on it by hand.

    One that is prepared has the packages that the program's scripts would install.
    """

    def __init__(
        self, box: Box, description: Description, name: str, number: int = 10, *, prepared: bool = False
    ) -> None:
        self._box = box
        self._image = built(box.client, PREPARED_MACHINE) if prepared else description.machine_image
        self._description = description
        self._name = name
        self._machine = Machine(box.client, box.name, name)
        self._disk = f"homeport-{box.name}-disk-{name}"
        self._address = description.subnet.replace(".0/24", f".{number}")
        self.key = HostKey.generate()

    @property
    def container_name(self) -> str:
        """The container that it is."""
        return self._machine.container_name

    def bootstrap(self, swap: int = 64) -> Bootstrap:
        """The bootstrap for this machine."""
        return Bootstrap("homeport", swap, "distribution", 4, self.key.public)

    def boot(self, disk: str = "") -> None:
        """Make and boot it; `disk` is a shell command that prepares the data disk's image file."""
        self._box.client.volumes.create(
            self._disk, labels={"homeport.sandbox": self._box.name, DISK_LABEL: "true"}
        )
        prepare = f"rm -f /disk/disk.img; truncate -s 4G /disk/disk.img; {disk}"
        run_on_volumes(self._box.client, {self._disk: "/disk"}, prepare)
        self.set_startup_script("")
        self._machine.create(
            image=self._image,
            memory=1024,
            network=self._description.network,
            address=self._address,
            authority=self._box.directory / "ca" / "ca.pem",
            disks={"data": self._disk},
            rules=firewall_rules((), {}, "", "169.254.169.254"),
        )
        self.await_boot()

    def set_startup_script(self, script: str) -> None:
        """What the metadata server hands out at the next boot."""
        attributes = {"homeport-host-key": self.key.private}
        if script:
            attributes["startup-script"] = script
        Cloud(self._box.directory).put(
            "instance",
            self._name,
            {"address": self._address, "zone": "us-west1-b", "metadata": dict(attributes)},
        )

    def await_boot(self) -> None:
        """Until systemd has started everything."""
        deadline = time.monotonic() + 60
        while self.sh("systemctl is-system-running --wait")[1].strip() not in ("running", "degraded"):
            if time.monotonic() > deadline:
                raise TimeoutError(self._machine.console())
            time.sleep(0.2)

    def sh(self, script: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
        """Exit status and output of a script run as root."""
        container = self._box.client.containers.get(self._machine.container_name)
        status, output = container.exec_run(["bash", "-c", script], environment=environment)
        return status, output.decode(errors="replace")

    def read(self, script: str) -> str:
        """What a script prints; it must succeed."""
        status, output = self.sh(script)
        assert status == 0, output
        return output

    def run(self, bootstrap: Bootstrap) -> tuple[int, str]:
        """Run a bootstrap to its end."""
        self._put(_SCRIPT, bootstrap.script)
        return self.sh(f"bash {_SCRIPT}")

    def run_until(self, bootstrap: Bootstrap, command: str) -> bool:
        """Kill a bootstrap with all its processes just before a command; whether it got there.

        `command` is a pattern for the command's text, ` @` and the name of the step or service.
        """
        self._put(_SCRIPT, bootstrap.script)
        self._put("/root/killer.sh", _KILLER)
        self.sh(
            f"rm -f /run/killed; setsid --wait bash {_SCRIPT}",
            {"BASH_ENV": "/root/killer.sh", "KILL_AT": command},
        )
        return self.sh("cat /run/killed")[1].strip() == command.strip()

    def run_until_package(self, bootstrap: Bootstrap, package: str) -> bool:
        """Kill a bootstrap while that package is being unpacked or set up; whether it got there."""
        self._put(_SCRIPT, bootstrap.script)
        status = "dpkg-query -W -f '${db:Status-Status}' " + package
        killer = f"""
            setsid bash {_SCRIPT} & leader=$!
            while kill -0 $leader; do
                case "$({status})" in
                half-*|unpacked) kill -9 -- -$leader; echo killed; break ;;
                esac
                sleep 0.05
            done 2>/dev/null
        """
        return "killed" in self.sh(killer)[1]

    def power_loss(self) -> None:
        """Cut the power and boot again."""
        container = self._box.client.containers.get(self._machine.container_name)
        container.kill()
        container.start()
        self.await_boot()

    def delete(self) -> None:
        """Remove the machine; its disk goes with the box."""
        self._machine.delete()

    def _put(self, path: str, text: str) -> None:
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
        self._box.client.containers.get(self._machine.container_name).put_archive("/", archive.getvalue())
