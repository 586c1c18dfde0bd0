"""How the screens of a restore are reached: the steps, and requests in several states."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from demo.window import Window


class Days(Protocol):
    """Whoever knows the demo's nights by how many days ago they were."""

    def day(self, offset: int) -> str: ...


Reach = Callable[[Window, Days], None]

ASK = "document.querySelector('#send').click()"
STATUS = "document.querySelector('#restore-status')"
SELECT = """
for (const box of [...document.querySelectorAll('#rows .checkbox')].slice(0, 3)) box.click();
document.querySelector('#selection-bar [formaction]').click()"""


def choose_messages(view: Window, days: Days) -> None:
    """Come to the first step with three messages selected."""
    view.open(f"/{days.day(-3)}/")
    view.run(SELECT)
    view.wait("document.querySelector('#restore-form')")


def ask(view: Window, days: Days, choice: str) -> None:
    """Ask for what the query says, by support where both can be; what waits already is not asked for again."""
    view.open(f"/restores/new/?day={days.day(-3)}&{choice}&step=confirm")
    view.run("document.querySelector('[name=how][value=support]')?.click()")
    _send(view)


def cancel(view: Window, days: Days) -> None:
    """Come to a request that was taken back."""
    ask(view, days, "what=mailbox&trash=1")
    view.run("document.querySelector('#cancel').click()")
    view.wait(f"{STATUS} && !document.querySelector('#cancel')")


def do_alone(view: Window, days: Days, password: str) -> None:
    """Come to a restore that is over, with its report."""
    ask_alone(view, days)
    view.find("#password").send_keys(password)
    view.find("#do-now").click()
    view.wait("document.querySelector('#report')")


def ask_alone(view: Window, days: Days) -> None:
    """Come to a request that waits for its owner's password."""
    choose_messages(view, days)
    view.open(f"/restores/new/?day={days.day(-3)}&what=messages&step=confirm")
    _send(view)


def _send(view: Window) -> None:
    view.run(ASK)
    view.wait(STATUS)


def _step(view: Window, days: Days, *, choice: str) -> None:
    """Open a step of a new restore, with what is chosen so far."""
    view.open(f"/restores/new/?day={days.day(-3)}&{choice}")


REACHES: dict[str, Reach] = {
    "restore-what": choose_messages,
    "restore-folders": partial(_step, choice="what=folders&folder=inbox"),
    "restore-no-folder": partial(_step, choice="what=folders&step=where"),
    "restore-where": partial(_step, choice="what=mailbox&step=where"),
    "restore-confirm": partial(_step, choice="what=mailbox&step=confirm"),
    "restore-confirm-alone": partial(_step, choice="what=messages&step=confirm"),
    "restore-received": partial(ask, choice="what=mailbox"),
    "restore-password": ask_alone,
    "restore-cancelled": cancel,
}
