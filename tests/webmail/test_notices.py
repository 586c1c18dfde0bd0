"""What is said of a message before it is read."""

import pytest

from tests.served import ALICE

DAY = "2026-11-21"
CIPHER, SIGNED, TNEF = "Messaggio cifrato", "Messaggio firmato", "winmail.dat"


def multipart(kind: str, part: str) -> bytes:
    return f"Content-Type: {kind}; boundary=b\n\n--b\n\nciao\n--b\nContent-Type: {part}\n\nx\n--b--\n".encode()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (multipart("multipart/encrypted", "application/octet-stream"), [CIPHER]),
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx", [CIPHER]),
        (b"Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx", [SIGNED]),
        (multipart("multipart/signed", "application/pgp-signature"), [SIGNED]),
        (b"\n\n-----BEGIN PGP MESSAGE-----\nx", [CIPHER]),
        (b"\n-----BEGIN PGP SIGNED MESSAGE-----\nx", [SIGNED]),
        (multipart("multipart/mixed", "application/ms-tnef"), [TNEF]),
        (multipart("multipart/mixed", "application/pdf"), []),
    ],
)
def test_what_only_a_mail_program_opens_is_said_in_words(alice, site, provider, source, said):
    provider.mailbox(ALICE).night(DAY).message(source=source)
    site(provider)

    notices = alice.get(alice.get(f"/{DAY}/").context["rows"][0].url).context["message"]["notices"]

    assert len(notices) == len(said)
    assert all(word in notice for word, notice in zip(said, notices, strict=True))


def test_signed_part_leaves_as_it_lay(alice, site, provider):
    source = multipart("multipart/signed", "application/pgp-signature").replace(b"ciao", b"ciao  \t\n> From x")
    provider.mailbox(ALICE).night(DAY).message(source=source)
    site(provider)
    message = alice.get(alice.get(f"/{DAY}/").context["rows"][0].url).context["message"]

    assert alice.get(message["eml_url"]).getvalue() == source
