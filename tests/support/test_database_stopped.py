"""The real site over a real PostgreSQL: while that is stopped, nothing is served to an operator."""

import subprocess
import sys
from base64 import b32decode

import pytest

from demo.provider import Provider
from snapshots.types import Folder
from tests.house_rules import ROOT
from tests.postgresql import running
from tests.running_site import Visitor, environment, real_today, serving
from tests.served import ALICE
from tests.staff import BOB, KEY, PASSWORD, REASON, code_of

NOWHERE = "imap://127.0.0.1:1"
SUBJECT = b"Contratto firmato"


@pytest.fixture
def postgresql():
    with running() as server:
        yield server


def test_stopped_database_serves_nothing(tmp_path, postgresql, unchanged):
    day, folder = real_today(), Folder("Clienti").id
    provider = Provider(tmp_path / "provider")
    provider.mailbox(ALICE).night(day).message(SUBJECT.decode(), folder="Clienti")
    unchanged(provider)
    others = {"MTM_DATABASE_URL": postgresql.url}
    with serving(tmp_path, NOWHERE, **others) as url:
        bob = Visitor(url)
        _enrol(tmp_path, others)
        _begin(bob, str(day))
        page = f"/{day}/{folder}/"
        before = bob.get(page)
        postgresql.stop()
        stopped = [bob.get(place) for place in (page, f"/{day}/", f"/{day}/folders/", "/support/")]
        postgresql.start()
        after = [bob.get(page) for _ in range(4)][-1]

    assert (before.status, SUBJECT in before.content) == (200, True)
    assert {answer.status for answer in stopped} == {503}
    assert all(SUBJECT not in answer.content for answer in stopped)
    assert (after.status, SUBJECT in after.content) == (200, True)


def _enrol(directory, others) -> None:
    (directory / "secrets").write_text(f"{PASSWORD}\n{KEY}\n")
    command = ["operator", "add", BOB, "--permissions", "help", "--secrets-file", f"{directory}/secrets"]
    settings = environment(directory, NOWHERE, **others)
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=settings, check=True, capture_output=True)


def _begin(visitor: Visitor, day: str) -> None:
    visitor.send(
        "/support/login/", "/support/login/", username=BOB, password=PASSWORD, otp_token=code_of(b32decode(KEY))
    )
    account = f"/support/account/?address={ALICE}"
    wish = {"address": ALICE, "day": day, "reason": REASON, "ticket": "4812", "minutes": "30"}
    assert visitor.send("/support/grants/", account, **wish).status == 200
