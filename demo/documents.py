"""Small real files to attach: PDFs that open, pictures that show, made from nothing but their names."""

import math
import random
import struct
import zlib
from pathlib import PurePath

from demo.compose import Attachment

MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".p7m": "application/pkcs7-mime",
    ".xml": "application/xml",
}
INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2" versione="FPR12">
<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento>
<Divisa>EUR</Divisa><Numero>42/2026</Numero><ImportoTotaleDocumento>14005.60</ImportoTotaleDocumento>
</DatiGeneraliDocumento></DatiGenerali></FatturaElettronicaBody></p:FatturaElettronica>
"""


def document(described: str) -> Attachment:
    """Make a file from its name, which may end in a size to reach in kB: `contratto.pdf 880`."""
    name, _, kilobytes = described.rpartition(" ") if described[-1].isdigit() else (described, "", "0")
    suffix = PurePath(name).suffix
    size_bytes = int(kilobytes) * 1000
    if suffix == ".pdf":
        content = pdf(name, size_bytes=size_bytes)
    elif suffix == ".png":
        content = png(name, size_bytes=size_bytes)
    else:
        content = _signed(INVOICE.encode()) if suffix == ".p7m" else INVOICE.encode()
    return name, MEDIA_TYPES[suffix], content


def picture(described: str) -> Attachment:
    """Make an inline image from its Content-ID and a size in kB: `logo@tipografia.example 6`."""
    content_id, kilobytes = described.split(" ")
    return content_id, "image/png", png(content_id, size_bytes=int(kilobytes) * 1000)


def pdf(title: str, *, size_bytes: int = 0) -> bytes:
    """Return a one-page PDF that shows its title, padded with a stream no page uses."""
    text = title.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    drawing = b"BT /F1 20 Tf 72 740 Td (" + text + b") Tj ET"
    padding = random.Random(title).randbytes(size_bytes)
    return _pdf_file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>",
            _pdf_stream(drawing),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            _pdf_stream(padding),
        ]
    )


def png(seed: str, *, size_bytes: int = 2000) -> bytes:
    """Return a square picture of soft stripes with some grain, of about this size."""
    side = max(16, math.isqrt(size_bytes))
    grain = random.Random(seed)
    rows = (_png_row(row, side, grain) for row in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, data) for kind, data in chunks)


def _pdf_stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%b\nendstream" % (len(data), data)


def _pdf_file(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out) + end % (size, table, size, len(out))


def _png_row(row: int, side: int, grain: random.Random) -> bytes:
    noise = grain.randbytes(side)
    stripes = (120 + int(60 * math.sin((row + column) / side * 9)) for column in range(side))
    return b"\0" + bytes(light + noisy // 5 for light, noisy in zip(stripes, noise, strict=True))


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _signed(content: bytes) -> bytes:
    """Wrap the content as a .p7m begins: readers take the XML out, nobody here checks the signature."""
    return b"\x30\x82" + struct.pack(">H", len(content) + 15) + b"\x06\x09*\x86H\x86\xf7\r\x01\x07\x02" + content
