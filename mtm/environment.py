"""Reads settings from the environment, strictly: a value that is not understood stops the start, in words.

Each setting is declared once, by the call that reads it; the README's table is made from these declarations.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
SECRET_BYTES = 64 * 1024
DATABASE = re.compile(
    r"postgres(ql)?://([^/@]*@)?(\[[0-9A-Fa-f:.]+\]|[^/@:]*)(:[0-9]{1,5})?/[^/?]+(\?.*)?|sqlite:///.+"
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the README says of a setting."""

    name: str
    kind: str
    default: str
    sentence: str


declared: list[Declaration] = []


class Environment:
    """The variables of one process. Every method declares a setting and returns its value."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str, default: str, sentence: str, *, choices: tuple[str, ...] = ()) -> str:
        self._declare(name, " / ".join(f"`{choice}`" for choice in choices) or "text", default, sentence)
        value = self._variables.get(name, default)
        if choices and value not in choices:
            raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
        return value

    def time_zone(self, name: str, default: str, sentence: str) -> str:
        value = self.text(name, default, sentence)
        try:
            ZoneInfo(value or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ImproperlyConfigured(f"{name} is {value!r}, which is no time zone; Europe/Rome is one.") from error
        return value

    def integer(self, name: str, default: int, sentence: str, *, minimum: int = 0, maximum: int = 10**9) -> int:
        self._declare(name, f"number, {minimum} or more", str(default), sentence)
        text = self._variables.get(name, str(default))
        if not (text.isascii() and text.isdigit() and minimum <= int(text) <= maximum):
            raise ImproperlyConfigured(f"{name} is {text!r}; it must be a number from {minimum} to {maximum}.")
        return int(text)

    def decimal(self, name: str, default: str, sentence: str, *, maximum: int = 10**6) -> Decimal:
        self._declare(name, "number, 0 or more", default, sentence)
        text = self._variables.get(name, default)
        if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,2})?", text) or Decimal(text) > maximum:
            raise ImproperlyConfigured(f"{name} is {text!r}; it must be a number like 80.00, {maximum} at most.")
        return Decimal(text)

    def switch(self, name: str, sentence: str) -> bool:
        self._declare(name, "`1` or `0`", "0", sentence)
        text = self._variables.get(name, "0")
        if text not in ("0", "1"):
            raise ImproperlyConfigured(f"{name} is {text!r}; it must be 1 or 0.")
        return text == "1"

    def list(self, name: str, default: str, sentence: str, *, separator: str = ",") -> list[str]:
        self._declare(name, "list, one a line" if separator == "\n" else "list, comma-separated", default, sentence)
        return [item for part in self._variables.get(name, default).split(separator) if (item := part.strip())]

    def mapping(self, name: str, sentence: str) -> dict[str, str]:
        self._declare(name, "list of `key=value`, comma-separated", "", sentence)
        pairs = [part.rpartition("=") for part in self._variables.get(name, "").split(",") if part.strip()]
        if any(not key.strip() or not value.strip() for key, _, value in pairs):
            raise ImproperlyConfigured(f"{name} must be a list like 'Posta spedita=sent, Rumenta=trash'.")
        return {key.strip(): value.strip() for key, _, value in pairs}

    def colour(self, name: str, sentence: str) -> str:
        self._declare(name, "colour like `#3f3cbb`", "", sentence)
        text = self._variables.get(name, "")
        if text and not re.fullmatch(r"#[0-9A-Fa-f]{6}", text):
            raise ImproperlyConfigured(f"{name} is {text!r}; it must be a colour of six digits, like #3f3cbb.")
        return text.lower()

    def path(self, name: str, default: Path, shown: str, sentence: str) -> Path:
        self._declare(name, "path", shown, sentence)
        return Path(self._variables.get(name, str(default))).absolute()

    def database(self, name: str, sentence: str) -> str:
        """Return a database's address, which holds a password: what is wrong with it is said without it."""
        value = self.secret(name, sentence)
        if value and not DATABASE.fullmatch(value):
            raise ImproperlyConfigured(f"{name} is not understood; postgresql://user:password@host/name is.")
        return value

    def secret(self, name: str, sentence: str) -> str:
        """Return a secret given directly or, better, in the file that `<name>_FILE` names."""
        self._declare(f"{name}[_FILE]", "secret, or the path of a file that holds it", "", sentence)
        file = self._variables.get(f"{name}_FILE")
        if file is None:
            return self._variables.get(name, "")
        try:
            with Path(file).open("rb") as handle:
                return handle.read(SECRET_BYTES).decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE names {file}, which cannot be read: {error}.") from error

    def unknown(self) -> tuple[str, ...]:
        """Return the names of ours that no setting has: misspelt, or of another release."""
        known = {name for each in declared for name in _names(each.name)}
        return tuple(sorted(name for name in self._variables if name.startswith("MTM_") and name not in known))

    def _declare(self, name: str, kind: str, default: str, sentence: str) -> None:
        declared.append(Declaration(name, kind, default, sentence))


def closest(name: str) -> str:
    """Return the setting whose name is most like this one; "" where none is."""
    known = [each for setting in declared for each in _names(setting.name)]
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.8)), "")


def _names(declared_name: str) -> tuple[str, ...]:
    """Return the variables that give a setting: a secret may also come from a file."""
    name = declared_name.removesuffix("[_FILE]")
    return (name,) if name == declared_name else (name, f"{name}_FILE")


def is_ours(directory: Path) -> bool:
    """Make a directory for this user alone, below one that exists; say whether there is one to write to.

    Where anybody may make one, another user's is not ours.
    """
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        return directory.lstat().st_uid == os.getuid() and os.access(directory, os.W_OK | os.X_OK)
    except OSError:
        return False


def markdown_table() -> str:
    """Return the README's table of settings."""
    lines = ["| setting | kind | default | meaning |", "|---|---|---|---|"]
    for setting in declared:
        default = f"`{setting.default}`" if setting.default else ""
        lines.append(f"| `{setting.name}` | {setting.kind} | {default} | {setting.sentence} |")
    return "\n".join(lines)


def without(*names: str) -> dict[str, str]:
    """Return this process's variables but for some settings, be they given directly or by a file."""
    hidden = {name for each in names for name in (each, f"{each}_FILE")}
    return {name: value for name, value in os.environ.items() if name not in hidden}
