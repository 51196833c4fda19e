"""What the processes of a container may do."""

from __future__ import annotations

from collections.abc import Iterator

from components.confinement import ROOT, WRITABLE
from policies.container import has_reason
from policies.kinds import CONTAINER
from policies.rule import Resource, Rule

MAY_ADD = frozenset({"CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"})
"""What an image needs at most that starts as root, makes its folders its user's and steps down."""
_ROOTS = frozenset({"", "root", "0"})


def _root(container: Resource) -> Iterator[str]:
    user = container.properties.text("user")
    if user.partition(":")[0] in _ROOTS and not has_reason(container, ROOT):
        yield f"runs as {user}" if user else "says no user, so it may run as root"


def _new_privileges(container: Resource) -> Iterator[str]:
    options = {option.replace("=", ":") for option in container.properties.texts("securityOpts")}
    if not options & {"no-new-privileges", "no-new-privileges:true"}:
        yield "lacks the security option no-new-privileges:true"


def _capabilities(container: Resource) -> Iterator[str]:
    capabilities = container.properties.part("capabilities")
    if "ALL" not in _names(capabilities.texts("drops")):
        yield "does not drop ALL capabilities"
    for name in sorted(_names(capabilities.texts("adds")) - MAY_ADD):
        yield f"adds the capability {name}"


def _names(capabilities: list[str]) -> set[str]:
    return {name.upper().removeprefix("CAP_") for name in capabilities}


def _writable(container: Resource) -> Iterator[str]:
    if not container.properties.flag("readOnly") and not has_reason(container, WRITABLE):
        yield "has a root file system that can be written"


RULES = (
    Rule(
        name="non-root-user",
        level="mandatory",
        what=f"A container runs as another user than root, or its label `{ROOT}` says why it cannot.",
        why="Root in a container is root on the machine once it breaks out, and owns every mounted file.",
        fix=f"Set `user`; where the image has to start as root, say why in the label `{ROOT}`.",
        kinds=(CONTAINER,),
        find=_root,
    ),
    Rule(
        name="no-new-privileges",
        level="mandatory",
        what="No process of a container can gain privileges.",
        why="A setuid program in the image would make root of whoever takes over the app.",
        fix="Add `no-new-privileges:true` to `securityOpts`.",
        kinds=(CONTAINER,),
        find=_new_privileges,
    ),
    Rule(
        name="capabilities-dropped",
        level="mandatory",
        what=f"A container drops all capabilities, and adds none but {', '.join(sorted(MAY_ADD))}.",
        why="Docker leaves root in a container 14 powers of the kernel, raw network packets among them.",
        fix="Set `capabilities.drops` to `ALL`, and `adds` to what the image fails without.",
        kinds=(CONTAINER,),
        find=_capabilities,
    ),
    Rule(
        name="read-only-root",
        level="mandatory",
        what=f"A container's root file system is read-only, or its label `{WRITABLE}` says why it cannot be.",
        why="Who takes over the app could change its program, and state would gather where no backup looks.",
        fix="Set `readOnly`, with `tmpfs` for scratch files; where the app has to write, say why in the label"
        f" `{WRITABLE}`.",
        kinds=(CONTAINER,),
        find=_writable,
    ),
)
