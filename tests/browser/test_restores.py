"""Restores in Chromium, over the real site, its worker and a real Dovecot: alone in seconds, and by way of support."""

import base64
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from demo import site
from demo.code import code_now
from demo.provider import Provider
from demo.site import OPERATOR, OPERATOR_PASSWORD, OPERATOR_SECRETS
from demo.window import Window, window
from snapshots.types import Folder
from tests.browser.installed import require_chromium
from tests.browser.stage import click, wait_for_path
from tests.dovecot import PASSWORD, Dovecot, running
from tests.restores.live_mail import live_state
from tests.running_site import environment, real_today, serving
from tests.scale import needs_evidence
from tests.served import ALICE

MASTER, SECRET = "ripristini", "papavero 7"
MASTERS = """
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/masters
  master = yes
}}
"""
LOST = ("Contratto", "Preventivo", "Fattura")
STATE = "document.querySelector('.restore-state').innerText.includes({!r})"


@dataclass(frozen=True, slots=True)
class Scene:
    """A night, a live mailbox that has lost a folder's letters since, and the site between them."""

    view: Window
    dovecot: Dovecot
    operator_key: str
    night: date

    def live(self, folder: str) -> list[tuple[str, frozenset[str]]]:
        """Return subject and flags of what lies in a live folder."""
        there = live_state(self.dovecot, ALICE).values()
        return sorted((each.subject, each.without_identity.flags) for each in there if each.folder == folder)


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> Iterator[Scene]:
    require_chromium()
    directory = tmp_path_factory.mktemp("restores")
    night = real_today() - timedelta(days=1)
    mailbox = Provider(directory / "provider").mailbox(ALICE)
    letters = [mailbox.night(night).message(subject, folder="Clienti", flags="FS") for subject in LOST]
    mailbox.night(night).message("Resta")
    live = mailbox.live()
    for letter in letters:
        live.delete(letter)
    key = base64.b32encode(secrets.token_bytes(20)).decode()
    (directory / OPERATOR_SECRETS).write_text(f"{OPERATOR_PASSWORD}\n{key}\n")
    others = {"MTM_RESTORE": "self-service", "MTM_IMAP_MASTER": f"{MASTER}:{SECRET}"}
    with running(more=MASTERS) as dovecot:
        (dovecot.directory / "masters").write_text(f"{MASTER}:{SECRET}\n")
        dovecot.add_user(ALICE, copy_of=live.path)
        with (
            serving(directory, dovecot.url, **others) as url,
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
            window(url, Path(profile)) as view,
        ):
            site.add_operator(directory, environment(directory, dovecot.url))
            yield Scene(view, dovecot, key, night)


def ask(scene: Scene, *, how: str) -> str:
    """Go the steps from the folder's list to the request; return the address of its page."""
    view = scene.view
    view.log_in(ALICE, PASSWORD)
    view.speak("it")
    view.open(f"/{scene.night}/{Folder('Clienti').id}/")
    for place in range(len(LOST)):
        view.run("document.querySelectorAll('#rows .checkbox')[arguments[0]].click()", place)
    click(view, "#selection-bar [formaction]")
    for step in ("what", "where", "confirm"):
        view.wait(f"document.querySelector('#restore-form') && document.querySelector('[aria-current=step]').innerText"
                  f".startsWith('{('what', 'where', 'confirm').index(step) + 1}.')")  # fmt: skip
        if step == "confirm":
            click(view, f"[name=how][value={how}]")
        click(view, "#send" if step == "confirm" else "#next")
    view.wait("document.querySelector('#restore-status')")
    return str(view.run("return location.pathname"))


def test_owner_alone_has_three_lost_messages_back_with_their_flags(scene):
    view = scene.view
    ask(scene, how="alone")

    view.find("#password").send_keys(PASSWORD)
    click(view, "#do-now")
    view.wait(STATE.format("Completata"))

    assert scene.live("Clienti") == [(subject, frozenset({"\\Seen", "\\Flagged"})) for subject in sorted(LOST)]
    assert "Ripristinato: 3" in view.find(".restore-counts").text
    assert all(subject in view.find(".restore-lines").text for subject in LOST)


@needs_evidence
def test_support_plans_and_runs_and_the_owner_sees_each_step(scene):
    view = scene.view
    page = ask(scene, how="support")
    received = view.find(".restore-states").text

    view.leave()
    view.speak("it")
    view.open("/support/login/")
    for field, text in (("username", OPERATOR), ("staff-password", OPERATOR_PASSWORD),
                        ("otp_token", code_now(scene.operator_key))):  # fmt: skip
        view.find(f"#{field}").send_keys(text)
    view.find("#otp_token").submit()
    wait_for_path(view, "/support/")
    view.open("/support/restores/")
    click(view, ".restore-list a")
    click(view, "#take-on")
    view.wait("document.querySelector('#plan')")
    plan = view.find("#restore-status").text
    click(view, "#run-restore")
    view.wait(STATE.format("Completata"))

    view.log_in(ALICE, PASSWORD)
    view.speak("it")
    view.open(page)
    states = view.find(".restore-states").text
    assert "Ricevuta" in received and "Presa in carico" not in received
    assert "Da aggiungere" in plan and "Già presente" in plan
    assert [name for name in ("Ricevuta", "Presa in carico", "In corso", "Completata") if name not in states] == []
    assert "Già presente: 3" in view.find(".restore-counts").text
    assert len(scene.live("Clienti")) == len(LOST)
