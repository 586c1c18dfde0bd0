"""Many hostile messages shown in the frame of the real page, and what they did outside of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from demo.window import Window
from tests import messages

FRAMES = 18
# The frame is copied with its attributes; a lid over all copies leaves what is drawn outside of them.
HANG = """
const [urls, done] = arguments;
const holder = document.querySelector(".message-body");
window.frame ??= holder.querySelector("iframe");
const frames = urls.map((url) => Object.assign(window.frame.cloneNode(), {src: url}));
const loaded = frames.map((frame) => new Promise((resolve) => frame.addEventListener("load", resolve, {once: true})));
for (const [at, frame] of frames.entries())
  Object.assign(frame.style, {position: "absolute", width: "15%", height: "30%", minHeight: "0",
                              left: `${at % 6 * 16.6}%`, top: `${Math.floor(at / 6) * 33.3}%`});
holder.style.position = "relative";
holder.replaceChildren(...frames);
const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
Promise.all(loaded).then(drawn).then(drawn).then(done);
"""
COVER = """
const box = document.querySelector(".message-body").getBoundingClientRect();
const lid = document.body.appendChild(document.createElement("div"));
lid.id = "lid";
Object.assign(lid.style, {position: "fixed", zIndex: 2147483647, background: "#888", left: `${box.left}px`,
                          top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px`});
return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
"""
UNCOVER = "document.getElementById('lid').remove()"
STATE = """
const copy = document.documentElement.cloneNode(true);
copy.querySelector(".message-body").replaceChildren();
return [location.href, document.title, window.name, document.activeElement.tagName, document.cookie, copy.outerHTML];
"""
# A script that ran, and was only kept from opening a window, says so; one that failed says that.
SIGNS_OF_SCRIPTS = ("Ignored call to", "Uncaught")


@dataclass(slots=True)
class Seen:
    """What was noticed outside the frames, and beside which vectors."""

    shown: int = 0
    drawn_outside: list[str] = field(default_factory=list)
    page_changed: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)


def vectors(canary: str, site: str) -> dict[str, str]:
    """Return our own vectors by line number."""
    lines = (messages.HERE / "hostile" / "vectors.txt").read_text().splitlines()
    places = {"{canary}": canary, "{site}": site, "{host}": canary.removeprefix("http://")}
    filled = [re.sub("{(?:canary|site|host)}", lambda place: places[place[0]], line) for line in lines]
    numbered = enumerate(filled, start=1)
    return {f"own-{number}": line for number, line in numbered if line and not line.startswith("# ")}


def shown(window: Window, page: str, bodies: Mapping[str, str], harmless: str) -> Seen:
    """Show the documents at these addresses in the frame of the message page, a few at a time."""
    window.driver.set_script_timeout(60)
    window.open(page)
    window.wait("document.querySelector('.message-body iframe')")
    window.run("document.querySelector('#copies-progress')?.remove()")  # it changes by itself
    seen = Seen()
    _hang(window, [harmless] * FRAMES)
    picture, state = _picture(window), window.run(STATE)
    window.driver.get_log("browser")
    for names in _batches(list(bodies)):
        _hang(window, [bodies[name] for name in names])
        beside = ", ".join(names)
        if window.run(STATE) != state or len(window.driver.window_handles) > 1:
            seen.page_changed.append(beside)
        if _picture(window) != picture:
            seen.drawn_outside.append(beside)
        told = [line for line in _console(window) if any(map(line.__contains__, SIGNS_OF_SCRIPTS))]
        seen.scripts += [f"{beside}: {line}" for line in told]
        seen.shown += len(names)
    return seen


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while batch := list(islice(rest, FRAMES)):
        yield batch


def _hang(window: Window, urls: Sequence[str]) -> None:
    window.driver.execute_async_script(HANG, list(urls))


def _picture(window: Window) -> Any:
    window.run(COVER)
    try:
        return window.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
    finally:
        window.run(UNCOVER)


def _console(window: Window) -> list[str]:
    return [str(entry["message"]) for entry in window.driver.get_log("browser")]
