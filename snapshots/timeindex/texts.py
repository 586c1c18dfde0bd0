"""Messages' text → the index, on request: newest first, and no more of a message than its beginning.

A message's words of the head stand among those of its text, so that one look-up finds words in either. What was
given to `text` cannot be taken back without the very words: messages that lie nowhere any more are noted as stale.
"""

import json
from collections.abc import Mapping

from snapshots.full_text import full_text
from snapshots.timeindex.packing import searched, sound, unpacked_head
from snapshots.timeindex.places import Opener, Places
from snapshots.timeindex.schema import READ, UNREAD
from snapshots.timeindex.store import Writer

BATCH = 500
READ_BYTES = 256 * 1024
READ_AT_ONCE = 50
CHARACTERS_AT_ONCE = 4 << 20
STALE_AT_MOST = 0.1


class Texts:
    """Reads texts that the index does not have, batch by batch."""

    def __init__(self, writer: Writer, opener: Opener) -> None:
        self._writer = writer
        self._database = writer.database
        self._places = Places(writer.database, opener)
        self._below = 1 << 62
        self._has_written = False

    def read_batch(self) -> bool:
        """Read the next BATCH of messages, newest first; False when none is left that was not tried.

        What the storage does not give now is left for another time; what is damaged is read as far as it goes.
        """
        found = self._database.execute(
            "SELECT id FROM message WHERE head <> ? AND id < ? AND id NOT IN (SELECT message FROM text_read)"
            " ORDER BY id DESC LIMIT ?",
            (UNREAD, self._below, BATCH),
        )
        ids = [id_ for (id_,) in found]
        if not ids:
            self._gather()
            return False
        self._below = ids[-1]
        texts: dict[int, str] = {}
        characters = 0
        for each in self._places.opened(ids, at_once=READ_AT_ONCE, read_bytes=READ_BYTES):
            texts[each.message] = full_text(each.head.data) if each.head else ""
            characters += len(texts[each.message])
            if characters > CHARACTERS_AT_ONCE:
                self._write(texts)
                texts, characters = {}, 0
        if texts:
            self._write(texts)
        return True

    def _write(self, texts: Mapping[int, str]) -> None:
        """Write texts in order of their ids, which the search takes four times as fast as any other."""
        heads = self._database.execute(
            "SELECT id, told FROM message WHERE head = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (READ, json.dumps(list(texts))),
        )
        words = [(id_, " ".join((*searched(unpacked_head(told)[0]), sound(texts[id_])))) for id_, told in heads]
        with self._writer.transaction() as database:
            database.executemany("INSERT INTO text (rowid, words) VALUES (?, ?)", words)
            database.executemany("INSERT INTO text_read VALUES (?)", [(message,) for message in texts])
        self._has_written = True

    def _gather(self) -> None:
        """Make one of the pieces that the batches left: half a second of work, and a search takes a third less."""
        if self._has_written:
            with self._writer.transaction() as database:
                database.execute("INSERT INTO text (text) VALUES ('optimize')")

    def begin_anew_if_stale(self) -> None:
        """Empty the search of texts when too much in it is of messages that lie nowhere any more."""
        counts = "SELECT (SELECT count(*) FROM text_stale), (SELECT count(*) FROM text_read)"
        stale, read = self._database.execute(counts).fetchone()
        if stale > STALE_AT_MOST * (stale + read):
            with self._writer.transaction() as database:
                database.execute("INSERT INTO text (text) VALUES ('delete-all')")
                database.execute("DELETE FROM text_read")
                database.execute("DELETE FROM text_stale")
