"""From a typed address to a canonical account, and from an account to its place on a volume.

An account's names come from the network, so both ways are strict: a small grammar for addresses, and
path templates that can only ever fill in whole, checked path components.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import idna

from snapshots.errors import MailboxNotFound
from snapshots.types import Account

ADDRESS_LENGTH = range(3, 255)
LOCAL_PART = re.compile(r"[a-z0-9_][a-z0-9._+=-]{0,63}")
COMPONENT_BYTES = 255
SNAPSHOT = "{snapshot}"

Lookup = Callable[[str], "tuple[str, Mapping[str, str]] | None"]
"""A provider's own function: typed address → canonical address and template variables; None where it knows none."""


class BadAddress(ValueError):
    """What was typed is not an address of ours. It is never told apart from a wrong password."""


class BadTemplate(ValueError):
    """A path template that cannot be used, with the reason in words."""


def parse_address(text: str) -> Account:
    """Return the account an address names: local part lower-cased, domain as an A-label.

    Raises: BadAddress.
    Source: UTS 46 non-transitional with STD3 rules, by the idna package; never the standard library's codec.
    """
    if len(text) not in ADDRESS_LENGTH or text.count("@") != 1 or not text.isprintable():
        raise BadAddress("not an address")
    local, _, domain = text.partition("@")
    # The Kelvin sign's lower case is an ASCII k.
    local = local.lower() if local.isascii() else ""
    if not LOCAL_PART.fullmatch(local) or ".." in local or local.endswith("."):
        raise BadAddress("local part")
    try:
        domain = idna.encode(domain, uts46=True, std3_rules=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise BadAddress("domain") from error
    if "." not in domain or domain.endswith(".") or not re.fullmatch(r"[a-z0-9.-]+", domain):
        raise BadAddress("domain")
    return Account(user=local, domain=domain)


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Turns typed addresses into canonical accounts, with the provider's own look-up where there is one."""

    lookup: Lookup | None = None

    def account(self, text: str) -> Account:
        """Return the canonical account of a typed address.

        Raises: BadAddress, also for what the look-up answers when that is no address.
        """
        typed = parse_address(text.strip())
        found = self.lookup(typed.address) if self.lookup else None
        if found is None:
            return typed
        address, variables = found
        canonical = parse_address(address)
        return Account(canonical.user, canonical.domain, dict(variables))


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """Where an account's mail lies in a snapshot, in three stretches of a path.

    `root` is the literal beginning, the administrator's own; `before` and `after` are the components
    on either side of the snapshot's name, filled in for an account.
    """

    root: Path
    before: tuple[str, ...]
    after: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "PathTemplate":
        """Read `/mnt/mail/.snapshot/{snapshot}/{domain}/{user}/Maildir`.

        Raises: BadTemplate, with a sentence for the administrator.
        """
        components, literal = _components(text)
        if components.count(SNAPSHOT) != 1 or text.count("{snapshot") != 1:
            raise BadTemplate(f"needs {SNAPSHOT} once, as a whole path component")
        place = components.index(SNAPSHOT)
        return cls(Path("/", *components[:literal]), components[literal:place], components[place + 1 :])

    def before_snapshot(self, account: Account) -> tuple[str, ...]:
        """Return the components between the root and the snapshots' directory. Raises: MailboxNotFound."""
        return tuple(fill(component, account) for component in self.before)

    def after_snapshot(self, account: Account) -> tuple[str, ...]:
        """Return the components between the snapshot and the account's Maildir. Raises: MailboxNotFound."""
        return tuple(fill(component, account) for component in self.after)


@dataclass(frozen=True, slots=True)
class LivePath:
    """Where an account's live Maildir lies: the literal `root`, and the components filled in below it."""

    root: Path
    below: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "LivePath":
        """Read `/mnt/mail/{domain}/{user}/Maildir`. Raises: BadTemplate, with a sentence for the administrator."""
        components, literal = _components(text)
        if "{snapshot" in text:
            raise BadTemplate(f"must not hold {SNAPSHOT}")
        if literal == len(components):
            raise BadTemplate("must name the account: {user} and {domain}, or {address}")
        return cls(Path("/", *components[:literal]), components[literal:])

    def components_of(self, account: Account) -> tuple[str, ...]:
        """Return the components between the root and the account's Maildir. Raises: MailboxNotFound."""
        return tuple(fill(component, account) for component in self.below)


def _components(text: str) -> tuple[tuple[str, ...], int]:
    """Return a template's path components, checked, and how many of them are literal. Raises: BadTemplate."""
    path = PurePosixPath(text)
    if not path.is_absolute():
        raise BadTemplate("must be an absolute path")
    components = path.parts[1:]
    for component in components:
        check_component(component)
    return components, next((place for place, each in enumerate(components) if "{" in each), len(components))


FIELD = re.compile(r"\{([a-z_]+)(?::\.([1-9][0-9]?))?\}")


def check_component(component: str) -> None:
    """Refuse anything but letters and `{field}` or `{field:.N}`: no attribute, index or conversion.

    Raises: BadTemplate.
    """
    if component in (".", "..") or not component.isprintable():
        raise BadTemplate("must not hold . or .. or what cannot be printed")
    if "{" in FIELD.sub("", component) or "}" in FIELD.sub("", component):
        raise BadTemplate(f"{component}: only {{name}} and {{name:.N}} can be filled in")


def fill(component: str, account: Account) -> str:
    """Fill in one path component: what comes out is one plain name. Raises: MailboxNotFound."""
    values = {
        "user": account.user,
        "domain": account.domain,
        "address": account.address,
        "hash": hashlib.md5(account.address.encode(), usedforsecurity=False).hexdigest(),
        **account.variables,
    }

    def value(match: re.Match[str]) -> str:
        name, length = match.groups()
        if name not in values:
            raise MailboxNotFound(f"No value for {{{name}}}", account=account.address)
        return values[name][: int(length)] if length else values[name]

    name = FIELD.sub(value, component)
    if name in ("", ".", "..") or not name.isprintable() or "/" in name or len(name.encode()) > COMPONENT_BYTES:
        raise MailboxNotFound("Not a path component", account=account.address)
    return name
