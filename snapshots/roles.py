"""Which folder is which, whatever the server calls it.

Maildir keeps no SPECIAL-USE (RFC 6154) on disk, so the names that mail programs and servers give in
Italian, English, German, French and Spanish decide; the first name of a list that exists wins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from snapshots.types import Folder, Role

NAMES: dict[Role, tuple[str, ...]] = {
    Role.SENT: (
        *("sent", "sent items", "sent messages", "sent mail", "inviati", "posta inviata", "elementi inviati"),
        *("messaggi inviati", "gesendet", "gesendete elemente", "gesendete objekte", "envoyés", "messages envoyés"),
        *("éléments envoyés", "enviados", "elementos enviados", "mensajes enviados"),
    ),
    Role.DRAFTS: (*("drafts", "draft", "bozze", "bozza", "entwürfe", "brouillons", "borradores"),),
    Role.TRASH: (
        *("trash", "deleted items", "deleted messages", "bin", "cestino", "posta eliminata", "elementi eliminati"),
        *("papierkorb", "gelöschte elemente", "gelöschte objekte", "corbeille", "éléments supprimés"),
        *("papelera", "elementos eliminados"),
    ),
    Role.JUNK: (
        *("junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk mail", "posta indesiderata"),
        *("indesiderata", "spamverdacht", "unerwünscht", "indésirables", "courrier indésirable", "pourriel"),
        *("correo no deseado", "no deseado"),
    ),
}
NAMESPACES = ("inbox", "[gmail]", "[google mail]")


def assign_roles(folders: Iterable[Folder], overrides: Mapping[str, Role]) -> list[Folder]:
    """Return the folders with their roles, at most one folder a role. INBOX's is given by its name.

    `overrides` maps full folder names to roles and wins over the table.
    """
    folders = list(folders)
    wanted = [("inbox", Role.INBOX), *((name.casefold(), role) for name, role in overrides.items())]
    wanted += [(name, role) for role, names in NAMES.items() for name in names]
    by_name = {key: folder for folder in reversed(folders) for key in (_plain(folder), folder.name.casefold())}
    chosen: dict[Role, Folder] = {}
    for name, role in wanted:
        folder = by_name.get(name)
        if folder is not None and role not in chosen and folder not in chosen.values():
            chosen[role] = folder
    role_of = {folder.name: role for role, folder in chosen.items()}
    return [replace(folder, role=role_of.get(folder.name)) for folder in folders]


def _plain(folder: Folder) -> str:
    """A folder's name as the table has it: without the namespace some servers put before it."""
    levels = [level.casefold() for level in folder.levels]
    return "/".join(levels[1:] if len(levels) > 1 and levels[0] in NAMESPACES else levels)
