"""`make mail-check`: whether a stack's mail can be sent and will be trusted, in plain lines.

The relay is asked from this computer, not from the machine; a relay that only knows the machine's address
refuses it here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.dns.records import record_sets
from components.dns.rrdata import zone_file_value
from components.mail import PASSWORD, Mail
from operations.deployed_stack import DeployedStack, PulumiError
from operations.finding import Finding, is_well, wrong
from operations.mail_delivery import deliver
from operations.mail_dns import check_records
from operations.resolver import DnsResolver, Resolver, UnansweredError
from operations.workspace import PROJECT, Workspace
from stacks.mistakes import MistakesError
from tools.tls_contexts import browser_context


def check(
    stack: DeployedStack, resolver: Resolver, recipient: str | None, root: Path | None = None
) -> Iterator[Finding]:
    """Everything about one stack's mail. `root`: roots to trust besides those that this computer trusts."""
    mail = stack.settings.mail
    if mail is None:
        yield wrong("settings: this stack has no homeport:mail, so its apps send no mail")
        return
    yield from _deployed(mail, stack.records)
    try:
        yield from check_records(mail, resolver)
    except UnansweredError as error:
        yield wrong(f"DNS: no answer about {error}")
    context = browser_context()
    if root:
        context.load_verify_locations(root)
    yield from deliver(mail, stack.secrets[PASSWORD.name], recipient, context, _address(mail, resolver))


def _address(mail: Mail, resolver: Resolver) -> str | None:
    """Where the relay is; None leaves it to this computer's resolver, which has words for what is wrong."""
    try:
        return next(iter(resolver.addresses(mail.host, "A")), None)
    except UnansweredError:
        return None


def _deployed(mail: Mail, lines: Sequence[str]) -> Iterator[Finding]:
    """Records that the settings ask for and the last update did not."""
    for record in record_sets(mail.dns_records):
        for value in record.values:
            # The values of mail are all text; what is only known later are addresses.
            written = (
                f"{record.name}. {record.ttl} IN {record.type} {zone_file_value(record.type, str(value))}"
            )
            if written not in lines:
                yield wrong(f"settings: not deployed yet, run pulumi up: {written}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the mail of a stack; the status is 0 where nothing is wrong."""
    parser = argparse.ArgumentParser(prog="make mail-check", description=__doc__)
    parser.add_argument("--stack", required=True, help="the stack's name")
    parser.add_argument("--to", help="where a test mail goes to; none is sent without it")
    parser.add_argument("--resolver", help="address of the DNS server to ask, instead of the stack's own")
    parser.add_argument("--project", default=PROJECT, type=Path, help="folder of Pulumi.yaml")
    given = parser.parse_args(arguments)
    try:
        workspace = Workspace.of(given.stack, given.project)
        stack = DeployedStack.read(given.stack, workspace.run())
    except (PulumiError, MistakesError) as error:
        print(error, file=sys.stderr)
        return 2
    findings = []
    for finding in check(stack, DnsResolver(given.resolver or workspace.resolver), given.to, workspace.root):
        print(finding, flush=True)
        findings.append(finding)
    return 0 if is_well(findings) else 1


if __name__ == "__main__":
    sys.exit(main())
