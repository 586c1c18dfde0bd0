"""A sender's file names, made fit for every disk and header."""

import pytest

from snapshots.filenames import NAME_BYTES, clean_filename


@pytest.mark.parametrize(
    ("written", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("caffe\u0301.pdf", "caffé.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('..\\x:*?"<>|.txt', "_x_______.txt"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("line\r\nbreak\x00.txt", "line__break_.txt"),
        ("lone\ud800.txt", "lone_.txt"),
        (".htaccess", "htaccess"),
        ("name. . ", "name"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com¹.log", "_com¹.log"),
        ("", "attachment"),
        (" . ", "attachment"),
    ],
)
def test_name_is_safe_on_every_disk(written, cleaned):
    assert clean_filename(written) == cleaned


def test_long_name_keeps_its_extension():
    cleaned = clean_filename("è" * 300 + ".pdf")

    assert cleaned.endswith("è.pdf")
    assert len(cleaned.encode()) <= NAME_BYTES
