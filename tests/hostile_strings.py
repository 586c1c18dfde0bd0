"""Five hundred strings that try to be more than an argument of an IMAP command; the same in every run."""

import random
from itertools import product

FRAGMENTS = (
    "\r\nA1 DELETE INBOX\r\n", "\n", "\r", "\0", "\x01", "\x7f", "\t", '"', "\\", '\\"', '"\\', '" "',
    "{10}", "{10+}", "{10+}\r\n", "~{4+}", "{99999999999}", "*", "%", "(", ")", "()", "NIL", "INBOX",
    "\\Seen", "\\Seen)", "]", "[", "<0.9>", "1:*", "&", "&-", "&AOk-", "&AOk", "&&--", "+AOk-", "+", "=", "==",
    "à", "é", "日本", "🐱", "\u202e", "\ufeff", "\x80", "\u2028", "ÿ", " ", "  ", ".", "..", "/", "../", "~", "#",
    "$", "'", ";", "--", "@", "@@", "a@b@2026-11-20", "%u", "%{user}", "$HOME", "`id`", "' OR 1=1",
    "2026-11-20", "2026-13-45", "0000-00-00", "A1 LOGOUT", "* BYE", "+ OK", "LOGIN a b",
)  # fmt: skip
LONG = ("x" * 70_000, '"' * 9_000, "é" * 9_000, "\\" * 9_001, "&" * 9_000, "{1+}" * 3_000)
COUNT = 500


def strings() -> list[str]:
    """Return the fragments alone, within a word, the very long, and fragments by chance side by side."""
    within = [f"anna{first}{second}" for first, second in product(("", "x"), FRAGMENTS)]
    draw = random.Random(8)
    mixed = ["".join(draw.choices(FRAGMENTS, k=draw.randint(2, 6))) for _ in range(2 * COUNT)]
    return list(dict.fromkeys([*FRAGMENTS, *LONG, *within, *mixed]))[:COUNT]
