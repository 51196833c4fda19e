"""The keys between the deployment and a machine: who may log in, and which machine is the right one."""

from __future__ import annotations

import shlex
from pathlib import Path

import pulumi_command as command
import pulumi_docker as docker
import pulumi_tls as tls
from pulumi import ComponentResource, Output, ResourceOptions


class DeployKey(ComponentResource):
    """A log-in key and the machine's host key, both generated and kept encrypted in the state.

    The Docker provider starts `ssh`, which reads keys from files only: `files` writes them to
    `directory` at each preview and update, readable by their owner alone, so that another computer or
    a CI job that has the stack's passphrase has them too.
    """

    def __init__(self, name: str, directory: Path, opts: ResourceOptions | None = None) -> None:
        super().__init__("homeport:host:DeployKey", name, None, opts)
        self._directory = directory
        self._login = self._generate(f"{name}-login")
        self._host = self._generate(f"{name}-host")
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

    def connection(self, address: Output[str], user: str) -> command.remote.ConnectionArgs:
        """How to run commands on the machine. Dialling is repeated while it boots: up to some minutes."""
        return command.remote.ConnectionArgs(
            host=address,
            user=user,
            private_key=self._login.private_key_openssh,
            host_key=self.host_key,
            dial_error_limit=60,
            per_dial_timeout=10,
        )

    def provider(self, name: str, address: Output[str], user: str, opts: ResourceOptions) -> docker.Provider:
        """The machine's Docker engine, reached by SSH with both keys."""
        files = self._files(address)
        options = [
            *("-i", f"{self._directory}/id_ed25519"),
            *("-o", "IdentitiesOnly=yes"),
            *("-o", f"UserKnownHostsFile={self._directory}/known_hosts"),
            *("-o", "StrictHostKeyChecking=yes"),
            *("-o", "ConnectTimeout=10"),
            *("-o", "ConnectionAttempts=3"),
        ]
        return docker.Provider(
            name,
            host=Output.format("ssh://{}@{}", user, address),
            ssh_opts=files.apply(lambda _: options),
            opts=opts,
        )

    def command(self, address: Output[str], user: str) -> Output[str]:
        """The command line that opens a shell on the machine from this computer."""
        return Output.format(
            "ssh -i {0}/id_ed25519 -o UserKnownHostsFile={0}/known_hosts {1}@{2}",
            str(self._directory),
            user,
            address,
        )

    def _files(self, address: Output[str]) -> Output[str]:
        directory = shlex.quote(str(self._directory))
        write = f"""
            umask 077 && mkdir -p {directory} && cd {directory}
            printf '%s' "$LOGIN_KEY" >id_ed25519.new && mv -f id_ed25519.new id_ed25519
            printf '%s %s\\n' "$ADDRESS" "$HOST_KEY" >known_hosts.new && mv -f known_hosts.new known_hosts
        """
        written = command.local.run_output(
            command=write,
            interpreter=["/bin/bash", "-euc"],
            environment=Output.all(
                LOGIN_KEY=self._login.private_key_openssh, ADDRESS=address, HOST_KEY=self.host_key
            ),
            logging=command.local.Logging.NONE,
        )
        return Output.unsecret(written.stdout)
