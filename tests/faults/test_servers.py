"""Servers the site leans on: down, hung or cutting the line. Whoever needs them is told, the others read on."""

from functools import partial

import pytest

from bench import line as lines
from bench.line import Line
from demo.provider import Provider
from tests import postgresql
from tests.dovecot import PASSWORD
from tests.faults.stage import STORAGE_SILENT, at_once, eventually, standing
from tests.running_site import Visitor, real_today, serving
from tests.scale import needs_evidence

pytestmark = needs_evidence

NOT_CHECKED = "Non riusciamo a verificare la password"
MANY_SIGN_IN = "molte persone stanno accedendo"
SLOTS = 4


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with standing(tmp_path_factory.mktemp("servers")) as stage:
        yield stage


@pytest.fixture(autouse=True)
def all_is_well(stage):
    """Soon after each fault one can log in, and no attempt meanwhile has counted against anybody."""
    yield
    eventually(lambda: stage.logs_in(stage.anna.mailbox).status == 200)
    assert stage.anna.is_served_truly()


def told(answer):
    return answer.status, NOT_CHECKED in answer.content.decode()


def test_mail_server_that_is_down_is_told_and_who_is_in_reads_on(stage):
    with stage.line.down():
        logins = [stage.logs_in(stage.anna.mailbox) for _ in range(6)]
        anna = stage.anna.is_served_truly()

    assert [told(login) for login in logins] == [(503, True)] * 6
    assert anna


def test_mail_server_that_hangs_is_left_and_its_slots_are_free_again(stage):
    with stage.line.hanging():
        logins = at_once(*[partial(stage.logs_in, stage.anna.mailbox)] * (SLOTS + 1), stage.anna.get)
        anna = logins.pop()

    assert {login.status for login in logins} == {503}
    assert all(NOT_CHECKED in each.content.decode() or MANY_SIGN_IN in each.content.decode() for each in logins)
    assert anna.status == 200


def test_mail_server_that_cuts_the_line_is_told(stage):
    with stage.line.cutting():
        login = stage.logs_in(stage.anna.mailbox)

    assert told(login) == (503, True)


@pytest.mark.parametrize("fault", [Line.down, Line.hanging, Line.cutting])
def test_snapshot_server_that_fails_is_told_and_comes_back_by_itself(tmp_path, snapshot_dovecot, dovecot, fault):
    mailbox = Provider(tmp_path / "provider").mailbox(f"anna{len(dovecot.passwords)}@example.com")
    mailbox.night(real_today()).message("Contratto")
    dovecot.add_user(mailbox.address, copy_of=mailbox.live().path)
    snapshot_dovecot.serve(mailbox.provider)
    with (
        lines.to(snapshot_dovecot.port) as line,
        serving(tmp_path, dovecot.url, **snapshot_dovecot.settings() | {"MTM_SNAPSHOT_IMAP_URL": line.url}) as url,
    ):
        anna = Visitor(url)
        before = anna.log_in(mailbox.address, PASSWORD)
        with fault(line):
            meanwhile = at_once(*[partial(anna.get, f"/{real_today()}/inbox/")] * 3, partial(anna.get, "/accesses/"))
        eventually(lambda: b"Contratto" in anna.get(f"/{real_today()}/inbox/").content)

    assert (before.status, b"Contratto" in before.content) == (200, True)
    assert [answer.status for answer in meanwhile] == [503] * 3 + [200]
    assert all(STORAGE_SILENT in answer.content.decode() for answer in meanwhile[:3])


def test_database_that_is_down_serves_nothing_and_comes_back_by_itself(tmp_path):
    with postgresql.running() as server, standing(tmp_path, MTM_DATABASE_URL=server.url) as stage:
        server.stop()
        asked = [stage.anna.get(), *(stage.logs_in(each.mailbox) for each in (stage.anna, stage.carla))]
        healthy = Visitor(stage.url).get("/healthz")
        server.start()
        eventually(stage.anna.is_served_truly)
        eventually(lambda: stage.logs_in(stage.carla.mailbox).status == 200)

    assert [answer.status for answer in asked] == [503] * 3
    assert stage.anna.mailbox.address.encode() * 9 not in b"".join(answer.content for answer in asked)
    assert healthy.status == 200
