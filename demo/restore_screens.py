"""How the screens of a restore are reached: the steps, and requests in several states."""

from demo.window import Window

ASK = "document.querySelector('#send').click()"
STATUS = "document.querySelector('#restore-status')"
SELECT = """
for (const box of [...document.querySelectorAll('#rows .checkbox')].slice(0, 3)) box.click();
document.querySelector('#selection-bar [formaction]').click()"""


def choose_messages(view: Window, day: str) -> None:
    """Come to the first step with three messages selected."""
    view.open(f"/{day}/")
    view.run(SELECT)
    view.wait("document.querySelector('#restore-form')")


def ask(view: Window, day: str, choice: str) -> None:
    """Ask for what the query says, by support where both can be; what waits already is not asked for again."""
    view.open(f"/restores/new/?day={day}&{choice}&step=confirm")
    view.run("document.querySelector('[name=how][value=support]')?.click()")
    _send(view)


def cancel(view: Window, day: str) -> None:
    """Come to a request that was taken back."""
    ask(view, day, "what=mailbox&trash=1")
    view.run("document.querySelector('#cancel').click()")
    view.wait(f"{STATUS} && !document.querySelector('#cancel')")


def do_alone(view: Window, day: str, password: str) -> None:
    """Come to a restore that is over, with its report."""
    ask_alone(view, day)
    view.find("#password").send_keys(password)
    view.find("#do-now").click()
    view.wait("document.querySelector('#report')")


def ask_alone(view: Window, day: str) -> None:
    """Come to a request that waits for its owner's password."""
    choose_messages(view, day)
    view.open(f"/restores/new/?day={day}&what=messages&step=confirm")
    _send(view)


def _send(view: Window) -> None:
    view.run(ASK)
    view.wait(STATUS)
