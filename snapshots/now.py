"""The live mailbox at one moment: names only, which messages lie in which folder.

A message is named by the token of its guid or, where a server tells none, of its Message-ID. Its size would tell
little more: a server counts the ends of lines as it sends them, whatever is stored.
"""

import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from snapshots.types import Role


class NamedBy(enum.StrEnum):
    """What a message is known by."""

    GUID = "guid"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class NowFolder:
    """One folder: its messages' names, and its role where that is known."""

    messages: Sequence[str]
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """The live mailbox at `taken_at`: every folder by its name, levels parted by slashes as on the nights."""

    taken_at: datetime
    named_by: NamedBy
    folders: Mapping[str, NowFolder]

    def as_bytes(self) -> bytes:
        folders = {name: [folder.role, list(folder.messages)] for name, folder in self.folders.items()}
        return json.dumps([self.taken_at.isoformat(), self.named_by, folders], ensure_ascii=True).encode("ascii")

    @classmethod
    def parse(cls, data: bytes) -> "Now":
        """Return what `as_bytes` wrote down. Raises: ValueError."""
        try:
            taken_at, named_by, folders = json.loads(data)
            return cls(
                datetime.fromisoformat(taken_at).astimezone(UTC),
                NamedBy(named_by),
                {name: NowFolder(messages, Role(role) if role else None) for name, (role, messages) in folders.items()},
            )
        except (TypeError, AttributeError) as error:
            raise ValueError("not the names of a mailbox") from error
