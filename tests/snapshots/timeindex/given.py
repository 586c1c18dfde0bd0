"""Nights as people live them, and folders that cannot be read."""

DAYS = [f"2026-11-{day}" for day in range(15, 23)]
FOLDERS = ("INBOX", "Clienti")


def break_folder(night, folder):
    """Make a folder one that cannot be listed, for root too: `cur` is no directory. Return what mends it."""
    cur = night.directory(folder) / "cur"
    aside = cur.with_name("aside")
    cur.rename(aside)
    cur.write_text("")
    return lambda: (cur.unlink(), aside.rename(cur))


def a_week(mailbox, chance):
    """Live eight nights of arrivals, deletions, moves, copies, flags and folders that come and go."""
    for night in mailbox.nights(DAYS[0], DAYS[-1]):
        messages = [each.message for folder in night.folders.values() for each in folder.placements]
        for message in chance.sample(messages, min(4, len(messages))):
            change = chance.choice(["delete", "move", "copy", "flag", "none"])
            if change == "delete":
                night.delete(message)
            elif change == "move":
                night.move(message, chance.choice(["Cestino", "Clienti", "Clienti/Rossi"]))
            elif change == "copy":
                night.copy(message, chance.choice(FOLDERS))
            elif change == "flag":
                night.flag(message, chance.choice(["S", "FS", ""]), keywords=chance.choice([(), ("Cliente",)]))
        for number in range(chance.randrange(4)):
            night.message(
                f"{night.day} {number}", folder=chance.choice(["INBOX", "Clienti"]), new=chance.random() < 0.3
            )
        if chance.random() < 0.2 and "Clienti/Rossi" in night.folders:
            night.remove_folder("Clienti/Rossi")
