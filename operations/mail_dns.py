"""Whether DNS says of a sender's domain what its mail needs: SPF, DKIM, DMARC, the way back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from components.mail import Mail
from components.mail_records import DkimSettings, bounce_includes, dkim_tags, is_key
from components.spf import MOST_LOOKUPS, included, lookups, spf_texts
from operations.finding import Finding, note, right, wrong
from operations.resolver import Resolver


def check_records(mail: Mail, resolver: Resolver) -> Iterator[Finding]:
    """What is right and wrong about the records. Raises `UnansweredError` where DNS does not answer."""
    yield from _spf(mail, resolver)
    keys = mail.records.dkim if mail.records else []
    if not keys:
        yield note("no DKIM keys in mail.records.dkim, so none is checked")
    for key in keys:
        yield from _dkim(key, mail.domain, resolver)
    yield from _dmarc(mail.domain, resolver)
    yield from _bounce(mail, resolver)


def _spf(mail: Mail, resolver: Resolver) -> Iterator[Finding]:
    spf = mail.records.spf if mail.records else None
    wanted = {*(spf.include if spf else ()), *((mail.include,) if spf and mail.include else ())}
    texts = spf_texts(resolver.texts(mail.domain))
    if not texts and not spf:
        yield note(f"SPF: {mail.domain} has no SPF text")
        return
    yield from _spf_texts("SPF", mail.domain, texts, wanted, "mail.records.spf", resolver)


def _spf_texts(
    what: str, name: str, texts: Sequence[str], wanted: Collection[str], asked_by: str, resolver: Resolver
) -> Iterator[Finding]:
    """About the SPF texts of a name, which should be one that includes what is wanted."""
    if not texts:
        yield wrong(f"{what}: {name} has no SPF text, which {asked_by} asks for")
        return
    if len(texts) > 1:
        yield wrong(f"{what}: {name} has {len(texts)} SPF texts, and two count as none: {'; '.join(texts)}")
        return
    yield right(f"{what}: {name} has one SPF text: {texts[0]}")
    reached = _Reached(resolver)
    reached.follow(texts[0])
    for include in sorted(wanted):
        allowed = include in reached.names
        yield (
            right(f"{what}: it allows {include}")
            if allowed
            else wrong(f"{what}: it does not include {include}")
        )
    for empty in reached.empty:
        yield wrong(f"{what}: it includes {empty}, which has no SPF text, so the whole text counts as broken")
    if reached.count > MOST_LOOKUPS:
        yield wrong(
            f"{what}: {reached.count} look-ups with those of what it includes; {MOST_LOOKUPS} are allowed"
        )
    else:
        yield right(f"{what}: {reached.count} of {MOST_LOOKUPS} look-ups")


class _Reached:
    """What an SPF text leads to."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self.names: set[str] = set()
        self.empty: list[str] = []
        self.count = 0

    def follow(self, text: str) -> None:
        """Add what a text includes, and what that includes."""
        self.count += lookups(text)
        for name in included(text):
            # A macro stands for what only the receiver knows.
            if name in self.names or "%" in name or self.count > 10 * MOST_LOOKUPS:
                continue
            self.names.add(name)
            texts = spf_texts(self._resolver.texts(name))
            if texts:
                self.follow(texts[0])
            else:
                self.empty.append(name)


def _dkim(key: DkimSettings, domain: str, resolver: Resolver) -> Iterator[Finding]:
    name = f"{key.selector}._domainkey.{domain}"
    if key.cname:
        target = resolver.cname(name)
        if target != key.cname:
            yield wrong(f"DKIM: {name} is a CNAME to {target or 'nothing'}, not to {key.cname}")
            return
    texts = resolver.texts(name)
    if len(texts) != 1:
        yield wrong(f"DKIM: {name} has {len(texts) or 'no'} TXT values instead of one")
        return
    tags = dkim_tags(texts[0])
    if key.value and tags != dkim_tags(key.value):
        yield wrong(f"DKIM: {name} has another key than mail.records.dkim says")
    elif not is_key(tags.get("p", "")):
        yield wrong(f"DKIM: {name} has no public key: {texts[0]}")
    else:
        yield right(f"DKIM: {name} has a public key")


def _dmarc(domain: str, resolver: Resolver) -> Iterator[Finding]:
    labels = domain.split(".")
    # The policy of the domain itself, else of the one that was registered, which only a list could tell
    # (RFC 7489, section 6.6.3): every name above is looked at.
    for start in range(len(labels) - 1):
        name = f"_dmarc.{'.'.join(labels[start:])}"
        texts = [text for text in resolver.texts(name) if text.lower().startswith("v=dmarc1")]
        if len(texts) > 1:
            yield wrong(f"DMARC: {name} has {len(texts)} policies, and two count as none")
            return
        if texts:
            policy = dkim_tags(texts[0]).get("p")
            if policy in {"none", "quarantine", "reject"}:
                yield right(f"DMARC: {name} has the policy {policy}")
            else:
                yield wrong(f"DMARC: {name} has no policy, p=none, p=quarantine or p=reject: {texts[0]}")
            return
    yield wrong(f"DMARC: {domain} has no policy; large receivers want one")


def _bounce(mail: Mail, resolver: Resolver) -> Iterator[Finding]:
    """About the name that undeliverable mail goes back to. SPF is asked of it, not of the sender's domain."""
    bounce = mail.records.bounce if mail.records else None
    if mail.records is None or bounce is None:
        return
    if bounce.cname:
        target = resolver.cname(bounce.name)
        said = f"bounce: {bounce.name} is a CNAME to {target or 'nothing'}"
        yield right(said) if target == bounce.cname else wrong(f"{said}, not to {bounce.cname}")
        # What is behind it, an SPF text too, is the relay's own.
        return
    servers = resolver.servers(bounce.name)
    said = f"bounce: {bounce.name} has the mail servers {', '.join(servers) or 'none'}"
    yield right(said) if servers == [bounce.mx] else wrong(f"{said}, not {bounce.mx} alone")
    texts = spf_texts(resolver.texts(bounce.name))
    wanted = bounce_includes(mail.records, mail.include)
    yield from _spf_texts("bounce", bounce.name, texts, wanted, "mail.records.bounce", resolver)
