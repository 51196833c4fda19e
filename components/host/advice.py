"""What to do about errors of SSH, Docker and registries, which say only what broke.

The texts are those of pulumi-command 1.2.1 (Go's x/crypto/ssh), of the Docker provider 5.2.0, which starts
the system's `ssh`, of Docker's engine and of registries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
from pulumi import ErrorHook, ErrorHookArgs

from components.hooks import error_hook


@dataclass(frozen=True)
class Cause:
    """One reason why something failed."""

    pattern: re.Pattern[str]
    remote: str
    """What to do where it is a machine of its own; `{stack}` is the stack's name."""
    local: str = ""
    """The same on the user's own computer; empty: as on a machine."""
    in_logs: bool = False
    """Whether an app's own log says so in these words, and for no other reason."""


def _cause(pattern: str, remote: str, local: str = "", *, in_logs: bool = False) -> Cause:
    return Cause(re.compile(pattern, re.I), remote, local, in_logs)


_CAUSES = (
    _cause(
        r"host key (mismatch|verification failed)|ssh: handshake failed: .*key mismatch",
        "The machine shows another SSH host key than the pinned one; docs/security.md, A changed host"
        " key, says what that means and what to do.",
    ),
    _cause(
        r"unable to authenticate|permission denied \(publickey",
        "The machine refuses this stack's key. pulumi up --refresh -s {stack} puts it into the machine's"
        " metadata again, if somebody changed that.",
    ),
    _cause(
        r"after \d+ failed attempts|dial tcp \S+:22: |connect to host \S+ port \d+",
        "The machine does not answer over SSH. See that this computer's address (curl -4 ifconfig.me) is"
        " in host.ssh.allowFrom, and that the machine runs. Then pulumi up -s {stack} goes on. If it is"
        " gone: docs/operations.md, The machine is gone.",
    ),
    _cause(
        r"process exited with status 255\b|without exit status or exit signal|closed by remote host"
        r"|send disconnect|exited with exit status 255|server \S+ not responding|write: broken pipe"
        r"|read: connection reset by peer|connection aborted|remote end closed connection",
        "The machine went away meanwhile: it restarted, crashed, or cannot be reached any more. What was"
        " made is recorded or found again. Wait until make status STACK={stack} sees the machine. Then"
        " pulumi up -s {stack} goes on. If it stays away: docs/operations.md, The machine is gone.",
        "The Docker engine went away meanwhile. What was made is recorded or found again. See that it"
        " runs, docker info. Then pulumi up -s {stack} goes on.",
    ),
    _cause(
        r"cannot connect to the docker daemon|failed to connect to any docker daemon"
        r"|is the docker daemon running",
        "Docker does not answer on the machine. On it: sudo systemctl status docker, and sudo journalctl"
        " -n 50 -u docker says why. Then pulumi up -s {stack} goes on.",
        "Docker does not answer on this computer. Start it, or correct host.dockerHost in the stack file;"
        " docker info shows whether it answers. Then pulumi up -s {stack} goes on.",
    ),
    _cause(
        r"no space left on device",
        "A disk of the machine is full. make status STACK={stack} says which, and what is on it; a larger"
        " dataDisk or bootDisk in stacks/Pulumi.{stack}.yaml grows while in use.",
        "This computer's disk is full, or Docker's part of it: docker system df shows what Docker keeps."
        " Then pulumi up -s {stack} goes on.",
        in_logs=True,
    ),
    _cause(
        r"exit(ed with)? (code|status):? 137\b",
        "It was killed. Mostly because it needed more memory than it may have: raise its memory in"
        " stacks/Pulumi.{stack}.yaml, or swap or the machineType. dmesg on the machine names what the"
        " kernel killed. Else it did not end in time when it was stopped.",
        "It was killed. Mostly because it needed more memory than it may have: raise its memory in"
        " stacks/Pulumi.{stack}.yaml. Else it did not end in time when it was stopped.",
        in_logs=True,
    ),
    _cause(
        r"toomanyrequests|pull rate limit",
        "The registry gives this address no more images for now; Docker Hub counts by address and hours."
        " Wait: pulumi up -s {stack} goes on with what is missing.",
    ),
    _cause(
        r"no matching manifest for",
        "The image is not made for this processor: take another version of it, or another machineType.",
        "The image is not made for this computer's processor: take another version of it.",
    ),
    _cause(
        r"manifest unknown|manifest for \S+ not found|pull access denied|repository does not exist",
        "The registry has no such image or version, or shows it to nobody without an account: correct the"
        " version or image in stacks/Pulumi.{stack}.yaml.",
    ),
    _cause(
        r"lookup \S+( on \S+)?: (no such host|server misbehaving|.*i/o timeout)|tls handshake timeout"
        r"|temporary failure in name resolution|awaiting headers|canceled while waiting for connection",
        "The machine does not reach a name on the internet, such as the registry's: on it, curl -I"
        " https://registry-1.docker.io/v2/ shows whether it does. Then pulumi up -s {stack} goes on.",
        "This computer's Docker does not reach a name on the internet, such as the registry's: docker"
        " pull hello-world shows whether it does. Then pulumi up -s {stack} goes on.",
    ),
    _cause(
        r"port is already allocated|address already in use|ports are not available",
        "Something else has the port. On the machine, sudo ss -lntup says what: stop it, or give the app"
        " another port in stacks/Pulumi.{stack}.yaml. Then pulumi up -s {stack} goes on.",
        "Something else has the port, a program or a container: ss -lntup says what. Stop it, or set"
        " another edge.certificate.port or another port of the app in stacks/Pulumi.{stack}.yaml.",
    ),
    _cause(
        r"non-overlapping IPv4 address pool|address pools have been fully subnetted",
        "Docker has no free range of addresses for another network: docker network prune removes those"
        " that no container uses. Then pulumi up -s {stack} goes on.",
    ),
)
"""The first that fits is the one: a connection that was never made ends with status 255 as well."""


def cause_of(errors: Iterable[str], logs: str = "") -> Cause | None:
    """Why something failed, if that is known. `logs` is what an app said itself."""
    said = "\n".join(errors)
    for cause in _CAUSES:
        if cause.pattern.search(said) or (cause.in_logs and cause.pattern.search(logs)):
            return cause
    return None


@dataclass(frozen=True)
class Advice:
    """Says what to do about errors in the stack, each thing once in an update."""

    stack: str
    remote: bool
    """Whether the containers run on a machine of their own."""
    told: set[Cause]

    def about(self, errors: Iterable[str], logs: str = "") -> str:
        """What to do; empty where that is not known, or was said."""
        cause = cause_of(errors, logs)
        # A machine that goes away fails all that is under way.
        if cause is None or cause in self.told:
            return ""
        self.told.add(cause)
        return (cause.remote if self.remote or not cause.local else cause.local).format(stack=self.stack)

    def hook(self, name: str) -> ErrorHook:
        """A hook of resources that are made over SSH or by Docker."""

        async def tell(args: ErrorHookArgs) -> bool:
            if text := self.about(args.errors):
                pulumi.log.error(text)
            return False

        return error_hook(name, tell)


def advice(*, remote: bool) -> Advice:
    """For the stack of this program."""
    return Advice(pulumi.get_stack(), remote, set())
