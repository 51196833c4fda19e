"""What Google Cloud's accounts may do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.kinds import INSTANCE
from policies.rule import Resource, Rule

_PRIMITIVE = ("roles/owner", "roles/editor", "roles/viewer")
_GRANT = re.compile(r"gcp:.*IAM(Member|Binding|Policy)")
_GOOGLES_OWN = re.compile(
    r"default|\d+-compute@developer\.gserviceaccount\.com|.*@appspot\.gserviceaccount\.com"
)


def _primitive_role(grant: Resource) -> Iterator[str]:
    if not _GRANT.fullmatch(grant.kind):
        return
    properties = grant.properties
    policy = properties.known_text("policyData")
    for role in _PRIMITIVE:
        if properties.known_text("role") == role or f'"{role}"' in policy:
            yield f"gives {role}"


def _borrowed_account(instance: Resource) -> Iterator[str]:
    properties = instance.properties
    if not properties.has("serviceAccount"):
        return
    email = properties.part("serviceAccount").text("email")
    if not email or _GOOGLES_OWN.fullmatch(email):
        yield "runs as the project's default service account"


RULES = (
    Rule(
        name="no-primitive-role",
        level="mandatory",
        what="No account is given the roles owner, editor or viewer.",
        why="They reach everything in the project: who takes over the machine takes over the project.",
        fix="Give the role of the one service that is needed, such as roles/logging.logWriter.",
        kinds=(),
        find=_primitive_role,
    ),
    Rule(
        name="own-service-account",
        level="mandatory",
        what="A machine has a service account of its own, or none.",
        why="Google gives the project's default account the role editor: it may change the whole project.",
        fix="Make a `gcp.serviceaccount.Account` for the machine and give it the roles that it needs.",
        kinds=(INSTANCE,),
        find=_borrowed_account,
    ),
)
