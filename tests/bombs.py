"""Messages that are to exhaust whoever opens them, at full scale or a fraction of it."""

import base64
from dataclasses import dataclass

MB = 1_000_000
HEAD = b"Subject: bomb\nFrom: anna@example.org\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\n\n"
TEXT = HEAD + b"Content-Type: text/plain; charset=utf-8\n\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
RELATED = MIXED.replace(b"mixed", b"related") + b"--b\nContent-Type: text/html\n\n"
PDF = b"--b\n\nIn allegato.\n--b\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n"
LINE = b"Q" * 76 + b"\n"
PICTURE = (
    b"\n--b\nContent-Type: image/gif\nContent-ID: <%d>\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(b"GIF89a" + bytes(200_000))
)
END = b"\n\ntext\n"
PAGE = b"--b\nContent-Type: text/html\n\n"
FORWARDED = b"\n--b\nContent-Type: message/rfc822\n\n"


@dataclass(frozen=True, slots=True)
class Bomb:
    """A piece many times between a beginning and an end; `%d` in it counts.

    `is_told`: at full scale its page or its frame must say that not all of it is shown.
    """

    before: bytes
    piece: bytes
    count: int
    after: bytes = b""
    is_told: bool = False

    def made(self, scale: float = 1) -> bytes:
        count = int(self.count * scale)
        if b"%d" not in self.piece:
            return self.before + self.piece * count + self.after
        pieces = (self.piece.replace(b"%d", b"%d" % number) for number in range(count))
        return self.before + b"".join(pieces) + self.after


def _encoded(head: bytes, encoding: bytes) -> bytes:
    return head.replace(b"\n\n", b"\nContent-Transfer-Encoding: " + encoding + b"\n\n")


def _told(before: bytes, piece: bytes, count: int, after: bytes = b"") -> Bomb:
    return Bomb(before, piece, count, after, is_told=True)


STRUCTURE = {
    "multiparts 100,000 deep": _told(HEAD, b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", 100_000),
    "messages 100,000 deep": _told(HEAD, b"Content-Type: message/rfc822\n\n", 100_000),
    "100,000 parts": _told(MIXED, b"--b\n\nx\n", 100_000),
    "100,000 named parts": _told(MIXED, b"--b\nContent-Type: a/b; name=%d.zip\n\nx\n", 100_000),
    "400,000 headers": _told(HEAD, b"X-A: b\n", 400_000, END),
    "header of 100 MB": _told(HEAD + b"X-A: ", b"a", 100 * MB, END),
    "header of 60 MB": _told(HEAD + b"X-A: ", b"a", 60 * MB, END),
    "header of 60 MB in folded lines": _told(HEAD + b"X-A: a", b"\n aaaaaaaa", 6 * MB, END),
    "lines of dashes": _told(MIXED + b"--b\n\n", b"\n--", 20 * MB),
    "boundaries that are not": Bomb(MIXED.replace(b"=b", b"=" + b"b" * 70), b"\n--" + b"b" * 69, 800_000),
    "1,000 texts of 60 kB": _told(MIXED, b"--b\n\n" + b"a http://a.it/ " * 4_000 + b"\n", 1_000),
    "30 pages of 2 MB": _told(MIXED, PAGE + (b"<p>" + b"x" * 38) * 49_000 + b"\n", 30),
    "1,000 pages of small tags": _told(MIXED, PAGE + b"<p>" * 20_000 + b"\n", 1_000),
    "1,000 reports": Bomb(MIXED, b"--b\nContent-Type: message/delivery-status\n\n" + b"a: b\n" * 12_000, 1_000),
    "1,000 invitations": Bomb(
        MIXED, b"--b\nContent-Type: text/calendar\n\n" + b"BEGIN:VEVENT\nSUMMARY;A=B:x\n" * 2_000, 1_000
    ),
    "1,000 attached messages": _told(MIXED, FORWARDED + HTML + b"<p>" * 15_000, 1_000),
    "messages in one another with pages": _told(HEAD, MIXED[len(HEAD) :] + PAGE + b"<p>x" * 40_000 + FORWARDED, 60),
    "attachment of 60 MB": Bomb(MIXED + PDF, LINE, 780_000, b"--b--\n"),
    "16,000 addresses": _told(HEAD + b"To: ", b"Anna <a%d@example.org>, ", 16_000, b"x" + END),
    "16,000 parameters": Bomb(HEAD + b"Content-Type: text/plain", b"; a%d=b", 16_000, END),
    "16,000 sections": Bomb(HEAD + b"Content-Type: text/plain", b"; name*%d*=b", 16_000, END),
    "8,000 encoded words": _told(b"From: a@b\nSubject: ", b"=?utf-8?q?=C3=A8?= ", 8_000, END),
    "8,000 words of as many charsets": _told(b"Subject: ", b"=?x%d?b?w6g=?= ", 8_000, END),
    "open brackets in To": Bomb(HEAD + b"To: ", b"(", 60_000, END),
    "open brackets in From": Bomb(b"Subject: x\nFrom: ", b"<", 60_000, END),
    "backslashes in To": Bomb(HEAD + b'To: "', b"\\", 60_000, END),
}
PAGES = {
    "attribute of 10 MB": _told(HTML + b'<p title="', b"&amp;", 2 * MB, b'">text'),
    "attributes by the hundred thousand": _told(HTML + b"<p", b" a%d=b", 100_000, b">text"),
    "100,000 nested div": _told(HTML, b"<div>", 100_000, b"text"),
    "100,000 nested formats": _told(HTML, b"<b><i><font>", 33_000, b"text"),
    "8,000 fonts and paragraphs": _told(HTML + b"<font size=1>" * 8_000, b"<p>x", 8_000),
    "tables within tables": _told(HTML, b"<table><tr><td>", 30_000, b"text"),
    "300,000 open brackets": _told(HTML, b"<a ", 300_000),
    "2 MB of ampersands": _told(HTML, b"&", 2 * MB),
    "2 MB of comments": _told(HTML, b"<!--", 500_000),
    "CSS of 1.2 MB in an element": Bomb(HTML + b"<style>", b"p{color:red}", 100_000, b"</style><p>text"),
    "CSS of 1.2 MB in one attribute": _told(HTML + b'<p style="', b"color:red;", 120_000, b'">text'),
    "CSS of 1.2 MB in many": Bomb(HTML, b'<p style="color:#%d;margin:calc(1px)">x', 30_000),
    "brackets in styles": Bomb(HTML, b'<p style="color:' + b"(" * 1_000 + b'">x', 1_000),
    "links by the ten thousand": Bomb(HTML, b'<a href="http://a%d.it">http://b%d.it</a>', 24_000),
    "links of many letters": _told(HTML, '<a href="http://à%d.it">http://è%d.it</a>'.encode(), 24_000),
    "20,000 times three pictures": Bomb(
        RELATED + b'<img src="cid:0"><img src="cid:1"><img src="cid:%32">' * 6_666, PICTURE, 200
    ),
}
TEXTS = {
    "base64 of 60 MB as text": _told(_encoded(TEXT, b"base64"), LINE, 780_000),
    "base64 of 60 MB in one line": _told(_encoded(HTML, b"base64"), b"QUFB", 15 * MB),
    "base64 of nothing but blanks": Bomb(_encoded(TEXT, b"base64"), b" ", 60 * MB),
    "quoted-printable of soft breaks": Bomb(_encoded(TEXT, b"quoted-printable"), b"=\n", 30 * MB),
    "quoted-printable of blanks": Bomb(_encoded(TEXT, b"quoted-printable"), b" ", 60 * MB),
    "uuencoded lines": Bomb(_encoded(TEXT, b"uuencode") + b"begin 644 a\n", b"!\n", 15 * MB),
    "line of 2 MB": Bomb(TEXT, b"a", 2 * MB),
    "links without an end": Bomb(TEXT, b"http://a.it/((((((((( ", 90_000),
    "addresses without an end": Bomb(TEXT, b"a.", MB),
    "2 MB of quotes": Bomb(TEXT, b">" * 100 + b" x\n", 20_000),
    "quotes up and down": Bomb(TEXT, b"> > > > > > > > > > x\nx\n", 80_000),
    "flowed paragraph of 2 MB": Bomb(TEXT.replace(b"utf-8", b"utf-8; format=flowed; delsp=yes"), b"a \n", 700_000),
}
BOMBS = STRUCTURE | PAGES | TEXTS
