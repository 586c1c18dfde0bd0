"""The tables of the time index, one file for each reader's right to an account.

A placement says that a message lay in a folder from the night `first` on until before the night `last`: days
are ordinals of the calendar, and `last` is OPEN while no listed night shows its end. A night added or dropped
so touches only what changed. What a list is sorted and filtered by stands in the placement, because one
covering index for each order then answers every page.
"""

VERSION = 2
OPEN = 1 << 40
NOW = 10_000_000
"""The live mailbox as one more night, after every date there is."""

ATTACHMENTS = 1 << 10
"""Beside the flags' own bits in `placement.marks`."""

UNREAD, READ, DAMAGED = 0, 1, 2
"""What `message.head` says: not opened yet, opened, cannot be opened."""

UNKNOWN_BYTES = -1

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE night (
    day INTEGER PRIMARY KEY, taken_at INTEGER, state TEXT NOT NULL,
    messages INTEGER, size_bytes INTEGER, added INTEGER, removed INTEGER, gone INTEGER
);
CREATE TABLE folder (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE folder_night (
    folder INTEGER NOT NULL, day INTEGER NOT NULL, place INTEGER NOT NULL, delimiter TEXT NOT NULL, role TEXT,
    subscribed INTEGER NOT NULL, state TEXT NOT NULL, handle BLOB NOT NULL, total INTEGER, unread INTEGER,
    PRIMARY KEY (folder, day)
) WITHOUT ROWID;
CREATE TABLE message (
    id INTEGER PRIMARY KEY, guid BLOB NOT NULL, ordinal INTEGER NOT NULL, named_bytes INTEGER NOT NULL,
    home INTEGER NOT NULL, twin BLOB, received INTEGER NOT NULL, head INTEGER NOT NULL DEFAULT 0,
    internal_date INTEGER, size_bytes INTEGER, header_id BLOB, has_attachments INTEGER, told BLOB
);
CREATE UNIQUE INDEX by_guid ON message (guid, ordinal, named_bytes, home);
CREATE INDEX by_twin ON message (twin) WHERE twin IS NOT NULL;
CREATE INDEX without_head ON message (id) WHERE head = 0;
CREATE TABLE placement (
    id INTEGER PRIMARY KEY, folder INTEGER NOT NULL, message INTEGER NOT NULL, first INTEGER NOT NULL,
    last INTEGER NOT NULL, marks INTEGER NOT NULL, date INTEGER NOT NULL, size INTEGER NOT NULL,
    subject TEXT NOT NULL DEFAULT '', sender TEXT NOT NULL DEFAULT '', keywords TEXT, record BLOB NOT NULL
);
CREATE INDEX of_now ON placement (first) WHERE first = 10000000;
CREATE VIRTUAL TABLE search USING fts5 (
    sender, recipients, subject, content = '', detail = column, tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE text USING fts5 (
    words, content = '', detail = none, tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TABLE text_read (message INTEGER PRIMARY KEY);
CREATE TABLE text_stale (message INTEGER PRIMARY KEY);
"""

OF_NAMES = (
    "CREATE INDEX IF NOT EXISTS of_message ON placement (message, folder, first, last)",
    "CREATE INDEX IF NOT EXISTS by_date ON placement (folder, date, message, first, last, marks)",
    "CREATE INDEX IF NOT EXISTS by_size ON placement (folder, size, message, first, last, marks)",
    "CREATE INDEX IF NOT EXISTS ended ON placement (last, first, folder, message) WHERE last < 1099511627776",
)
"""Made when the names of all nights are known."""

OF_HEADS = (
    "CREATE INDEX IF NOT EXISTS by_subject ON placement (folder, subject, message, first, last, marks)",
    "CREATE INDEX IF NOT EXISTS by_sender ON placement (folder, sender, message, first, last, marks)",
    "CREATE INDEX IF NOT EXISTS by_header_id ON message (header_id, size_bytes) WHERE header_id IS NOT NULL",
)
"""Made when all heads are read."""
