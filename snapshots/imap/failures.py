"""What an IMAP server's answers mean, and the one table from library exceptions to ours."""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator

from snapshots.errors import EngineUnavailable

_CONTROL = re.compile(rb"[\0\r\n]")
_CODE = re.compile(rb"\[([A-Z-]+)")
# These say that the password could not be checked, not that it is wrong (RFC 5530 section 3).
_NOT_CHECKED = {b"UNAVAILABLE", b"SERVERBUG", b"INUSE", b"LIMIT", b"PRIVACYREQUIRED"}


class WrongPassword(Exception):
    """The mail server refused this address and password."""


class ServerUnreachable(EngineUnavailable):
    """The mail server could not be asked."""


class OutOfTime(ServerUnreachable):
    """The mail server did not answer in time; whoever asks again waits as long again."""


class TlsFailure(ServerUnreachable):
    """The mail server did not prove who it is; nothing secret was sent."""


class SaidGoodbye(ServerUnreachable):
    """The server ended the session by itself; `text` is what it said, with its response code."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"The mail server ended the session: {text}")


class IllegalText(ValueError):
    """An argument holds NUL, CR or LF, which no IMAP command may carry."""


class TooMuch(OSError):
    """The server sent more than the budget allows."""


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn whatever the other side can cause into ServerUnreachable, OutOfTime or TlsFailure."""
    try:
        yield
    except ssl.SSLError as error:
        raise TlsFailure from error
    except TimeoutError as error:
        raise OutOfTime from error
    except IllegalText:
        raise
    # Libraries trust servers: what is no IMAP makes them trip over types and lengths.
    except (OSError, imaplib.IMAP4.error, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ServerUnreachable from error


def refusal(answer: bytes) -> Exception:
    """Return what a NO to a login means."""
    code = _CODE.match(answer)
    if code and code[1] in _NOT_CHECKED:
        return ServerUnreachable(f"The mail server could not check the password: {code[1].decode()}")
    return WrongPassword()


def refuse_controls(*texts: str | bytes) -> None:
    """Raise IllegalText where one of these could end a command early."""
    for text in texts:
        data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        if _CONTROL.search(data):
            raise IllegalText("NUL, CR or LF in an IMAP argument")
