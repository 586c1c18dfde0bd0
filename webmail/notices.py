"""What is said of a message besides what it says itself: that it is damaged, encrypted, signed, out of the ordinary."""

from django.utils.translation import gettext

from snapshots.catalogue import Row
from snapshots.defects import Defect
from snapshots.mime import Message, own_parts
from webmail.opened import Opened

LIMITS = frozenset(
    (
        Defect.TOO_DEEP,
        Defect.TOO_MANY_PARTS,
        Defect.TOO_MANY_HEADERS,
        Defect.TOO_MANY_ADDRESSES,
        Defect.TOO_MANY_DASHED_LINES,
        Defect.TOO_MUCH_TEXT,
        Defect.HEADER_TOO_LONG,
        Defect.HEADER_BLOCK_TOO_LONG,
    )
)
SMIME = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
TNEF = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
BEGINNING_BYTES = 1024
PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
PGP_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"


def notices(opened: Opened | None, row: Row) -> list[str]:
    """Return what the reader should know before reading; without a message its bytes are damaged."""
    if opened is None or row.is_truncated:
        return [gettext("This message is damaged in the copy. You can download its source.")]
    if Defect.TOO_LARGE in opened.message.defects:
        return [gettext("This message is too large to be shown here. You can download it.")]
    return [*_of_limits(opened.message), *_of_envelopes(opened)]


def _of_limits(message: Message) -> list[str]:
    if not LIMITS.intersection(message.defects):
        return []
    return [gettext("Only part of this message is shown: it is built in an unusual way. The download holds all of it.")]


def _of_envelopes(opened: Opened) -> list[str]:
    """Say what a mail program would have to open: encryption, signatures, Outlook's own format."""
    parts = own_parts(opened.message, opened.within)
    types = {part.content_type for part in parts}
    smime = {part.parameters.get("smime-type", "").lower() for part in parts if part.content_type in SMIME}
    words = "".join(opened.text(part, limit_bytes=BEGINNING_BYTES) for part in opened.body.text[:1]).lstrip()
    found = []
    if "multipart/encrypted" in types or words.startswith(PGP_MESSAGE) or smime - {"signed-data"}:
        found.append(gettext("Encrypted message: download it as EML and open it in your mail program."))
    elif smime or "multipart/signed" in types or words.startswith(PGP_SIGNED):
        found.append(gettext("Signed message: the signature is not checked here. It is whole in the EML you download."))
    if types & TNEF:
        found.append(
            gettext("Part of this message is in Outlook's own format (winmail.dat), which can only be downloaded.")
        )
    return found


def defects_in_words(defects: tuple[Defect, ...]) -> list[str]:
    """Return what is wrong with a message's bytes, in words for whoever wants to know."""
    words = {
        Defect.EMPTY: gettext("It is empty."),
        Defect.TOO_LARGE: gettext("It is too large to be taken apart here."),
        Defect.TOO_DEEP: gettext("Its parts lie in one another too deep."),
        Defect.TOO_MANY_PARTS: gettext("It has too many parts."),
        Defect.TOO_MANY_HEADERS: gettext("It has too many headers."),
        Defect.TOO_MANY_PARAMETERS: gettext("One of its headers has too many parameters."),
        Defect.TOO_MANY_ADDRESSES: gettext("One of its headers has too many addresses."),
        Defect.TOO_MUCH_TEXT: gettext("It has more text than is shown here."),
        Defect.TOO_MANY_DASHED_LINES: gettext("Too many of its lines look like boundaries."),
        Defect.HEADER_TOO_LONG: gettext("One of its headers is too long."),
        Defect.HEADER_BLOCK_TOO_LONG: gettext("Its headers are too long in all."),
        Defect.HEADER_NOT_ENDED: gettext("Its headers have no end."),
        Defect.STRAY_HEADER_LINE: gettext("There is a line among its headers that is none."),
        Defect.BOUNDARY_MISSING: gettext("The boundary between its parts is not named."),
        Defect.BOUNDARY_REPEATED: gettext("A boundary is named twice."),
        Defect.BOUNDARY_NOT_FOUND: gettext("The boundary that is named does not occur."),
        Defect.BOUNDARY_NOT_CLOSED: gettext("Its end is missing."),
        Defect.UNKNOWN_ENCODING: gettext("A part is encoded in a way nobody knows."),
        Defect.ENCODED_CONTAINER: gettext("A part that holds others is encoded, which must not be."),
    }
    return [words[defect] for defect in defects]
