"""`python -m demo.screens DIRECTORY`: every screen and state, at every width and in both themes, as pictures."""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from demo import imap_server, restore_screens, site
from demo.ports import LOOPBACK, free_port
from demo.provider import TIME_ZONE, Provider
from demo.scripts import DIALOG, IS_BUSY, NEVER_ANSWERED, NOT_SENT, REMOVED_FOLDER, ROW_MENU, SEND_NOTHING
from demo.story import MISSING_NIGHT, OWNER, POP3_OWNER
from demo.window import THEMES, WIDTHS, Window, window

PASSWORD = "lotto-tre"
# All pictures together stay below 5 MB, and every word can be read.
QUALITY = 27
CONTRACT = "Contratto firmato, lotto 3"
NEWSLETTER = "Novità d'autunno"
FORWARDED = "I: Contratto"
IS_PREPARED = "return !document.querySelector('.day-band__progress')"
PATH_OF_ROW = """
return [...document.querySelectorAll(".row__link")].find((row) => row.innerText.includes(arguments[0])).pathname"""
SELECT = "for (const box of [...document.querySelectorAll('#rows .checkbox')].slice(0, {})) box.click()"


@dataclass(frozen=True, slots=True)
class Stage:
    """The demo's site, set up so that every state can be reached."""

    url: str
    today: date
    snapshots: Path
    operator_key: str

    def day(self, offset: int) -> str:
        return (self.today + timedelta(days=offset)).isoformat()

    @contextmanager
    def silent_storage(self) -> Iterator[None]:
        """Take the snapshots away until the block ends."""
        away = self.snapshots.with_name(".away")
        self.snapshots.rename(away)
        try:
            yield
        finally:
            away.rename(self.snapshots)


Reach = Callable[[Window, Stage], None]


@dataclass(frozen=True, slots=True)
class Screen:
    """One state of one page, and how it is reached by whoever has logged in as `reader`."""

    name: str
    reach: Reach
    reader: str = OWNER
    languages: tuple[str, ...] = ("it",)
    widths: tuple[int, ...] = tuple(WIDTHS)
    in_full: bool = False

    @property
    def pictures(self) -> list[tuple[int, str]]:
        """Widths and themes worth a picture: all of a main screen; of others the widest, and a telephone by night."""
        looks = [(width, theme) for width in self.widths for theme in THEMES]
        return looks if self.in_full else [looks[0], (390, "dark")]


def _at(offset: int, rest: str = "", script: str = "", *, until: str = "true") -> Reach:
    """Open a page of a day, do something on it, and wait for what follows."""

    def reach(view: Window, stage: Stage) -> None:
        view.open(f"/{stage.day(offset)}/{rest}")
        _act(view, script, until)

    return reach


def _message(subject: str, offset: int, query: str = "", script: str = "", *, shown: int | None = None) -> Reach:
    """Open the message with this subject, `shown` on another day than the one it is looked for on."""

    def reach(view: Window, stage: Stage) -> None:
        view.open(_place(view, stage, subject, offset, shown) + query)
        _act(view, script, "true")

    return reach


def _place(view: Window, stage: Stage, subject: str, offset: int, shown: int | None = None) -> str:
    day = stage.day(offset)
    view.open(f"/{day}/inbox/")
    return str(view.run(PATH_OF_ROW, subject)).replace(day, stage.day(offset if shown is None else shown))


def _behind(document: str) -> Reach:
    """Open what stands behind the contract: its headers, its source."""

    def reach(view: Window, stage: Stage) -> None:
        day, message = stage.day(-3), _place(view, stage, CONTRACT, -3).split("/")[3]
        view.open(f"/{day}/messages/{message}/{document}/")

    return reach


def _wrong_password(view: Window, stage: Stage) -> None:
    view.send_login("nessuno@studiorossi.example", "sbagliata")
    view.wait("document.querySelector('#problem')")


def _silent(view: Window, stage: Stage) -> None:
    with stage.silent_storage():
        view.wait("fetch('/').then((answer) => answer.status === 503)")
        view.open(f"/{stage.day(-3)}/")


def _removed_folder(view: Window, stage: Stage) -> None:
    view.open(f"/{stage.day(-3)}/folders/")
    folder = view.run(REMOVED_FOLDER)
    view.open(f"/{stage.day(0)}/{folder}/")


def _compact(view: Window, stage: Stage) -> None:
    """Open a list of one line a message, in this browser and no other."""
    view.prefer("density", "compact")
    view.open(f"/{stage.day(-3)}/")
    view.prefer("density", "comfortable")


def _open(path: str) -> Reach:
    return lambda view, stage: view.open(path)


def _act(view: Window, script: str, until: str) -> None:
    view.run(script)
    view.wait(until)


def _press(selector: str) -> str:
    return f"document.querySelector({selector!r}).click();"


BOTH = ("it", "en")
SCREENS = (
    Screen("login", _open("/login/"), reader="", languages=BOTH, in_full=True),
    Screen("login-error", _wrong_password, reader=""),
    Screen("login-session-over", _open("/login/?next=/2026-01-01/"), reader=""),
    Screen("help", _open("/help/"), reader="", languages=BOTH),
    Screen("help-copies", _open("/help/nights/"), reader=""),
    Screen("help-pop3", _open("/help/pop3/"), reader=""),
    Screen("help-downloads", _open("/help/downloads/"), reader=""),
    Screen("help-restores", _open("/help/restores/"), reader=""),
    Screen("help-shortcuts", _open("/help/shortcuts/"), reader=""),
    Screen("privacy", _open("/help/privacy/"), reader=""),
    Screen("accessibility", _open("/help/accessibility/"), reader=""),
    Screen("list", _at(-3), languages=BOTH, in_full=True),
    Screen("list-newest", _at(0)),
    Screen("list-sent", _at(-3, "sent/")),
    Screen("selection", _at(-3, "", SELECT.format(3)), in_full=True),
    Screen("selection-full", _at(-3, "", SELECT.format(11))),
    Screen("downloaded", _at(-3, "", NOT_SENT + SELECT.format(10) + ";" + _press("#selection-bar .button--primary"))),
    Screen("row-menu", _at(-3, "", ROW_MENU), widths=(1440, 390)),
    Screen("loading", _at(-3, "", NEVER_ANSWERED + _press("#folder-sent"), until=IS_BUSY)),
    Screen("connection-lost", _at(-3, "", "document.querySelector('#lost').hidden = false")),
    Screen("idle", _at(-3, "", "document.querySelector('#idle').showModal()")),
    Screen("actions", _at(-3, "", SELECT.format(3) + ";" + _press("#actions")), languages=BOTH),
    Screen("account-menu", _at(-3, "", _press("#account-menu"))),
    Screen("folder-drawer", _at(-3, "", "document.querySelector('#folder-pane').showPopover()"), widths=(390, 320)),
    Screen("folder-manager", _at(-3, "", _press("#manage-folders"), until=DIALOG)),
    Screen("folder-manager-page", _at(-3, "folders/")),
    Screen("folder-missing", _removed_folder),
    Screen("shortcuts", _at(-3, "", "document.querySelector('#shortcuts').showModal()")),
    Screen("message", _message(CONTRACT, -3), languages=BOTH, in_full=True),
    Screen("message-text", _message(CONTRACT, -3, "?view=text")),
    Screen("message-details", _message(CONTRACT, -3, "", _press("#message-details"))),
    Screen("message-menu", _message(CONTRACT, -3, "", _press("#more-actions"))),
    Screen("message-missing", _message(CONTRACT, -3, shown=0)),
    Screen("message-story", _message(CONTRACT, -3)),
    Screen("message-pictures", _message(NEWSLETTER, 0)),
    Screen("message-attached", _message(FORWARDED, 0, "?part=2")),
    Screen("headers", _behind("headers")),
    Screen("source", _behind("source")),
    Screen("list-gone", _at(-3, "inbox/?filter=gone")),
    Screen("list-options", _at(-3, "inbox/?sort=subject", _press("#list-options"))),
    Screen("about-copy", _at(-3, "", _press("#about-copy"))),
    Screen("gone", _at(-4, "gone/")),
    Screen("gone-moved", _at(-4, "gone/?show=moved")),
    Screen("search", _open("/search/?q=contratto")),
    Screen("search-filters", _open("/search/?q=contratto&attachments=1")),
    Screen("search-nothing", _open("/search/?q=niente")),
    Screen("preferences", _open("/preferences/")),
    Screen("list-compact", _compact),
    Screen("help-accesses", _open("/help/accesses/")),
    Screen("accesses", _open("/accesses/")),
    *(Screen(name, reach) for name, reach in restore_screens.REACHES.items()),
    Screen("restore-done", lambda view, stage: restore_screens.do_alone(view, stage, PASSWORD)),
    Screen("restores", _open("/restores/")),
    Screen("download-refused", _at(-3, "", SEND_NOTHING, until="!document.querySelector('#rows')")),
    Screen("day-missing", _at(MISSING_NIGHT)),
    Screen("day-expired", _at(-30)),
    Screen("not-found", _at(-3, "nowhere/")),
    Screen("unavailable", _silent),
    Screen("empty-mailbox", _at(-3), reader=POP3_OWNER),
    Screen("day-locked", _at(-1), reader=POP3_OWNER),
)  # fmt: skip

BRAND = {
    "MTM_BRAND_NAME": "Posta Levante",
    "MTM_ACCENT": "#0b5d4b",
    "MTM_ACCENT_DARK": "#8fd9c0",
    "MTM_NIGHT": "#0e3038",
    "MTM_SUPPORT_CONTACT": "assistenza@levante.example",
}
BRANDED = (
    Screen("branded-login", _open("/login/"), reader=""),
    Screen("branded-list", _at(-3)),
)


def let_nights_be_known(view: Window) -> None:
    """Wait until the nights of who has logged in are indexed, so that no page changes while it is looked at."""
    while view.run(IS_PREPARED) is False:
        view.open("/")


def walk(view: Window, stage: Stage, screens: Sequence[Screen] = SCREENS) -> Iterator[tuple[str, Screen]]:
    """Bring the window to each screen in each of its languages, and yield its name there."""
    reader = None
    for screen in screens:
        if screen.reader != reader:
            reader = screen.reader
            if reader:
                view.log_in(reader, PASSWORD)
            else:
                view.leave()
                view.open("/login/")
            if reader == OWNER:
                let_nights_be_known(view)
        for language in screen.languages:
            view.speak(language)
            view.show(1440, "light")
            view.run("sessionStorage.clear()")
            screen.reach(view, stage)
            yield (screen.name if language == "it" else f"{screen.name}-{language}"), screen


@contextmanager
def staged(directory: Path, **own: str) -> Iterator[Stage]:
    """Serve the demo over files in `directory`; the POP3 mailbox lies on two volumes one night, and is locked there.

    `own` are settings of this stage.
    """
    today = datetime.now(TIME_ZONE).date()
    site.prepare(directory / "made", today)
    second = Provider(directory / "second")
    second.mailbox(POP3_OWNER).night(today - timedelta(days=1))
    with imap_server.running({OWNER: PASSWORD, POP3_OWNER: PASSWORD}) as imap_url:
        settings = site.environment(directory / "made", imap_url=imap_url, has_live_mail=True)
        settings["MTM_SNAPSHOT_PATH"] += "\n" + second.settings()["MTM_SNAPSHOT_PATH"]
        settings |= {"DJANGO_SETTINGS_MODULE": "mtm.settings", "MTM_RESTORE": "self-service", **own}
        port = free_port()
        with site.running(settings, port=port):
            site.add_operator(directory / "made", settings)
            snapshots = directory / "made/provider/mail/.snapshot"
            yield Stage(f"http://{LOOPBACK}:{port}", today, snapshots, site.operator_key(directory / "made"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.screens", description=__doc__)
    parser.add_argument("directory", type=Path, help="where the pictures go")
    parser.add_argument("names", nargs="*", help="only these screens")
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    _photograph(arguments.directory, SCREENS, arguments.names)
    _photograph(arguments.directory, BRANDED, arguments.names, **BRAND)


def _photograph(directory: Path, screens: tuple[Screen, ...], names: list[str], **own: str) -> None:
    """Take the pictures of those screens that are asked for; of all, where none is."""
    chosen = tuple(screen for screen in screens if not names or screen.name in names)
    if not chosen:
        return
    with (
        tempfile.TemporaryDirectory() as made,
        staged(Path(made), **own) as stage,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        window(stage.url, Path(profile)) as view,
    ):
        for name, screen in walk(view, stage, chosen):
            for width, theme in screen.pictures:
                view.show(width, theme)
                view.photograph(directory / f"{name}-{width}-{theme}.webp", quality=QUALITY)


if __name__ == "__main__":
    main()
