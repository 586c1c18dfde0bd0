"""Ordinary mail in any number, from the sentences of everyday.toml: the same for the same seed."""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from demo.documents import document
from demo.maildir import Message
from demo.tree import Tree

OLDEST_DAYS = 300


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of message: where it is found, who writes it, what it says."""

    folders: list[str]
    senders: list[str]
    subject: str
    text: str
    to: tuple[str, ...] | list[str] = ()
    attachments: tuple[str, ...] | list[str] = ()


class Everyday:
    def __init__(self, seed: str) -> None:
        content = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
        self.words: dict[str, list[str]] = content["words"]
        self.kinds = [Kind(**row) for row in content["kind"]]
        self.random = random.Random(seed)

    def fill(self, tree: Tree, folder: str, *, count: int, before: datetime) -> None:
        """Put old messages in the folder, nearly all of them read."""
        for received in sorted(self._moments(count, before)):
            flags = (
                "" if folder == "Spam" or self.random.random() < 0.03 else "RS" if self.random.random() < 0.2 else "S"
            )
            self.deliver(tree, folder, received=received, flags=flags)

    def deliver(self, tree: Tree, folder: str, *, received: datetime, flags: str = "") -> Message:
        kind = self.random.choice([kind for kind in self.kinds if folder in kind.folders])
        drawn = {name: self.random.choice(words) for name, words in self.words.items()}
        drawn |= {"numero": str(self.random.randint(11, 980)), "importo": f"{self.random.randint(9, 99)}0,00"}
        text = kind.text.strip().format_map(drawn)
        return tree.message(
            _capital(kind.subject.format_map(drawn)),
            sender=self.random.choice(kind.senders),
            to=self.random.choice(kind.to) if kind.to else None,
            text="\n".join(
                _capital(line) if line.startswith(tuple(drawn.values())) else line for line in text.split("\n")
            ),
            attachments=[document(name) for name in kind.attachments],
            folder=folder,
            received=received,
            flags=flags,
        )

    def _moments(self, count: int, before: datetime) -> Iterator[datetime]:
        for _ in range(count):
            days = OLDEST_DAYS * self.random.random() ** 2
            hour = self.random.triangular(7, 22, 10)
            midnight = (before - timedelta(days=days + 1)).replace(hour=0, minute=0, second=0, microsecond=0)
            yield midnight + timedelta(seconds=int(hour * 3600))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
