"""The keys between the deployment and a machine: who may log in, and which machine is the right one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi_command as command
import pulumi_tls as tls
from pulumi import ComponentResource, Output, ResourceOptions

from components import docker
from components.host.host_key import refuse_another
from components.host.shell import RemoteShell

_FILES = Path(__file__).parent / "deploy_key.sh"


@dataclass(frozen=True)
class DeployKeyArgs:
    """Whose log-in it is, where to, and where `ssh` finds the keys."""

    directory: Path
    """On this computer, of this stack alone."""
    address: Output[str]
    user: str


class DeployKey(ComponentResource):
    """A log-in key and the machine's host key, both generated and kept encrypted in the state.

    The Docker provider starts `ssh`, which reads keys from files only: `files` writes them to
    `directory` at each preview and update, readable by their owner alone, so that another computer or
    a CI job that has the stack's passphrase has them too. A machine that shows another host key then is
    refused in words; `ssh` and the providers refuse it too, but dial for minutes and say less.
    """

    def __init__(self, name: str, args: DeployKeyArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("homeport:host:DeployKey", name, None, opts)
        self._args = args
        self._directory = args.directory
        self._login = self._generate(f"{name}-login")
        self._host = self._generate(f"{name}-host")
        self._address = self._write()
        self._options = self._address.apply(lambda _: self._ssh_options())
        self.register_outputs({"public_key": self.public_key, "host_key": self.host_key})

    def _generate(self, name: str) -> tls.PrivateKey:
        return tls.PrivateKey(name, algorithm="ED25519", opts=ResourceOptions(parent=self))

    @property
    def public_key(self) -> Output[str]:
        """What the machine must let in, in OpenSSH's form."""
        return self._login.public_key_openssh.apply(str.strip)

    @property
    def host_key(self) -> Output[str]:
        """What the machine must show: algorithm and key."""
        return self._host.public_key_openssh.apply(lambda key: " ".join(key.split()[:2]))

    @property
    def host_private_key(self) -> Output[str]:
        """For the machine's metadata; in OpenSSH's form, secret."""
        return self._host.private_key_openssh

    @property
    def shell(self) -> RemoteShell:
        """The machine's shell. Dialling is repeated while it boots: up to some minutes."""
        connection = command.remote.ConnectionArgs(
            host=self._address,
            user=self._args.user,
            private_key=self._login.private_key_openssh,
            host_key=self.host_key,
            dial_error_limit=60,
            per_dial_timeout=10,
        )
        destination = Output.concat(self._args.user, "@", self._address)
        ssh = Output.all(self._options, destination).apply(lambda known: ["ssh", *known[0], known[1]])
        return RemoteShell(connection, ssh)

    def provider(self, name: str, opts: ResourceOptions) -> docker.Provider:
        """The machine's Docker engine, reached by SSH with both keys when it is first used.

        By then the keys' files must be there: whoever uses it waits for a script on the machine. It is asked
        for when the keys are known, so while they are written and the machine is asked for its own.
        """
        keys = Output.all(self.public_key, self.host_key)
        return docker.Provider(
            name,
            host=Output.format("ssh://{}@{}", self._args.user, self._args.address),
            ssh_opts=keys.apply(lambda _: self._ssh_options()),
            opts=opts,
        )

    @property
    def command(self) -> Output[str]:
        """The command line that opens a shell on the machine from this computer."""
        return Output.format(
            "ssh -i {0}/id_ed25519 -o UserKnownHostsFile={0}/known_hosts {1}@{2}",
            str(self._directory),
            self._args.user,
            self._args.address,
        )

    def _ssh_options(self) -> list[str]:
        return [
            *("-i", f"{self._directory}/id_ed25519"),
            *("-o", "IdentitiesOnly=yes"),
            *("-o", f"UserKnownHostsFile={self._directory}/known_hosts"),
            *("-o", "StrictHostKeyChecking=yes"),
            *("-o", "ConnectTimeout=10"),
            *("-o", "ConnectionAttempts=3"),
        ]

    def _write(self) -> Output[str]:
        """The machine's address, once the files are there and the machine shows no other host key."""
        written = command.local.run_output(
            command=_FILES.read_text(),
            interpreter=["/bin/bash", "-euc"],
            environment=Output.all(
                DIRECTORY=str(self._directory),
                LOGIN_KEY=self._login.private_key_openssh,
                ADDRESS=self._args.address,
                HOST_KEY=self.host_key,
            ),
            logging=command.local.Logging.NONE,
        )
        return Output.all(self._args.address, self.host_key, Output.unsecret(written.stdout)).apply(
            lambda known: _trusted(*known)
        )


def _trusted(address: str, pinned: str, shown: str | None) -> str:
    refuse_another(address, pinned, shown or "")
    return address
