"""Messages and folders whose every field holds markup, and what of it is alive on a page."""

import base64
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests import messages

PLAIN = "Preventivo"
# One of each, or as many as a page has without any mail; what loads or sends, and what changes how the rest is read.
COUNTED = ("script", "style", "link", "meta", "base", "iframe", "form", "title", "template")
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "data")
OUR_PLACES = ("/", "?", "#")


def payloads() -> list[str]:
    return (messages.HERE / "hostile" / "payloads.txt").read_text().splitlines()


def encoded(text: str) -> bytes:
    return b"=?utf-8?b?" + base64.b64encode(text.encode()) + b"?="


def message_of(text: str, *, raw: bool) -> bytes:
    """Return a message with this text in every field, as encoded words or as it is; never where MIME needs sense."""
    plain = text.encode()
    word = plain if raw else encoded(text)
    quoted = b'"' + plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return b"".join(
        [
            # One hop that no pattern fits, in every message: it is shown in another way.
            b"Received: -->\nReceived: from " + plain + b" by mx.example.com; " + plain + b"\n",
            b"Received-SPF: " + plain + b"\nAuthentication-Results: mx.example.com; dkim=" + plain + b"\n",
            b"Subject: " + word + b"\nFrom: " + (quoted if raw else word) + b" <anna@example.org>\n",
            b"To: " + (quoted if raw else word) + b" <" + plain.replace(b">", b"") + b"@example.com>\n",
            b"Cc: " + word + b"\nReply-To: (" + plain + b") anna@example.org\n",
            b"Date: " + plain + b"\nMessage-ID: <" + plain + b"@example.org>\nX-Mark: " + plain + b"\n",
            b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=" + quoted + b"\n\n",
            plain + b"\n\n> " + plain + b"\n--b\nContent-Type: text/html\n\n<p>Ciao</p>\n--b\nContent-Type: ",
            b"application/x-" + plain.partition(b";")[0].replace(b"/", b"") + b"; name=" + quoted + b"\nContent-ID: <",
            plain + b">\nContent-Disposition: attachment; filename=" + quoted + b"\n\nx\n--b--\n",
        ]
    )


@dataclass
class Markup(HTMLParser):
    """The elements and attributes of a page, and where it leads."""

    content: str
    pairs: set[tuple[str, str]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.content)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.pairs.update({(tag, ""), *((tag, name) for name, _ in attributes)})
        self.counts[tag] += tag in COUNTED
        led = [value or "" for name, value in attributes if name in ADDRESSES]
        self.foreign += [url for url in led if not url.startswith(OUR_PLACES) or url.startswith("//")]

    def alive(self, harmless: "Markup") -> list[object]:
        """Return what is in this page and not in the same page of a harmless message."""
        return [*(self.pairs - harmless.pairs), *(self.foreign), *(self.counts - harmless.counts)]
