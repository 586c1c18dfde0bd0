"""Downloads over the real server: they begin at once, break visibly, and a reader who leaves frees the place."""

import http.client
import time
from contextlib import contextmanager
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urlsplit

import pytest

from demo.provider import Provider
from tests.dovecot import running
from tests.running_site import TOKEN, Visitor, real_today, serving
from tests.served import ALICE

LARGE_BYTES = 64 << 20
PATIENCE_SECONDS = 10


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A site over one message that no socket's buffer holds, and where that lies."""
    directory = tmp_path_factory.mktemp("downloads")
    mailbox = Provider(directory / "provider").mailbox(ALICE)
    night = mailbox.night(real_today())
    message = night.message(source=b"Subject: Filmato\n\n")
    path = night.file(message)
    restore(path)
    with running() as dovecot:
        dovecot.add_user(ALICE, copy_of=night.path)
        with serving(directory, dovecot.url) as site:
            yield site, path


def restore(path):
    """Give the message its full length; what is not written is a hole."""
    with path.open("r+b") as file:
        file.truncate(LARGE_BYTES)


@pytest.fixture
def owner(large):
    """Alice, logged in; the message is whole again when she leaves."""
    from tests.dovecot import PASSWORD

    site, path = large
    visitor = Visitor(site)
    visitor.log_in(ALICE, PASSWORD)
    yield visitor
    restore(path)


def cookies(visitor):
    jar = next(handler.cookiejar for handler in visitor.opener.handlers if hasattr(handler, "cookiejar"))
    assert isinstance(jar, CookieJar)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


@contextmanager
def downloading(visitor, format_):
    """Begin a download, give its answer, and hang up."""
    page = visitor.get(f"/{real_today()}/").content.decode()
    message = page.partition('name="message" value="')[2].partition('"')[0]
    token = TOKEN.findall(page)[0]
    form = {"message": message, "format": format_, "csrfmiddlewaretoken": token}
    connection = http.client.HTTPConnection(urlsplit(visitor.site).netloc, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies(visitor)}
    connection.request("POST", f"/{real_today()}/download/", urlencode(form), headers)
    try:
        yield connection.getresponse()
    finally:
        connection.close()


@pytest.mark.parametrize("format_", ["eml", "maildir"])
def test_whole_download_has_the_length_it_told(owner, format_):
    with downloading(owner, format_) as response:
        data = response.read()

    assert len(data) == int(response.headers["Content-Length"]) >= LARGE_BYTES


@pytest.mark.parametrize("format_", ["eml", "mbox", "maildir", "maildir-tar"])
def test_failure_in_the_middle_is_seen(owner, large, format_):
    with downloading(owner, format_) as response:
        response.read(1)
        large[1].write_bytes(b"cut")

        with pytest.raises(http.client.IncompleteRead):
            response.read()


def test_reader_who_leaves_frees_the_place(owner):
    with downloading(owner, "eml") as response:
        response.read(1)

        with downloading(owner, "eml") as second:
            assert second.status == 429

    assert comes_free(owner)


def comes_free(owner):
    """Ask until a download begins, and say whether it did in time."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with downloading(owner, "eml") as response:
            if response.status == 200:
                return True
        time.sleep(0.1)
    return False
