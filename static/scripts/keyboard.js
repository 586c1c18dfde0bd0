import { $, all } from "./page.js";
import { closeRowMenu } from "./row-menu.js";
import { boxes, extend, limit, select, toggle } from "./selection.js";

// Keyboard. Letters are off in fields and with modifiers. A control declares its own with data-key.

const links = () => all("#rows .row__link");
const openBox = () => document.activeElement.closest?.(".row")?.querySelector(".checkbox") ?? $(".row:has([aria-current]) .checkbox");

/** Move in the list; with Shift the selection grows along. */
function move(step, { shiftKey: extends_ } = {}) {
  const list = links();
  const at = list.indexOf(document.activeElement.closest(".row")?.querySelector(".row__link"));
  const to = Math.max(0, Math.min(list.length - 1, at + step));
  list[to]?.focus();
  if (extends_) extend(boxes()[Math.max(0, at)], boxes()[to]);
}

/** One row of the list is in the Tab order: the one last used, else the open one, else the first. */
export function rove(row = $(".row:has([aria-current])") ?? $(".row")) {
  for (const each of all(".row")) for (const stop of all("a, input", each)) stop.tabIndex = each === row ? 0 : -1;
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest(".row");
  if (row) rove(row);
});

function step(by) {
  const list = links();
  const at = list.findIndex((link) => link.hasAttribute("aria-current"));
  list[at + by]?.click();
}

/** The control that declares a key: one that is shown, else the last in a closed menu. */
function control(key) {
  const found = all(`[data-key="${CSS.escape(key)}"]`);
  return found.find((each) => each.checkVisibility()) ?? found.at(-1);
}

function use(key) {
  const found = control(key);
  if (!found) return false;
  if (!found.matches("input")) found.click();
  if (found.matches("input, summary")) found.focus();
  return true;
}

function back() {
  const row = $("#rows [aria-current]");
  if (row?.offsetParent) row.focus();
  else use("u");
}

const panes = ["#day-rail [aria-current]", "#folder-pane [aria-current]", "#rows .row__link[tabindex='0']", "#message-subject"];

function nextPane(by) {
  const present = panes.map((selector) => $(selector)).filter((element) => element?.offsetParent);
  const at = present.findIndex((element) => element.closest("nav, section").contains(document.activeElement));
  present.at((Math.max(at, by < 0 ? 0 : -1) + by) % present.length)?.focus();
}

const keys = {
  ArrowDown: (event) => move(1, event), j: () => move(1), ArrowUp: (event) => move(-1, event), k: () => move(-1),
  Home: () => move(-Infinity), End: () => move(Infinity), PageUp: () => move(-8), PageDown: () => move(8),
  o: () => document.activeElement.closest(".row")?.querySelector(".row__link").click(),
  x: (event) => openBox() && toggle(openBox(), { range: event.shiftKey }),
  u: back, n: () => step(1), p: () => step(-1),
};
const PAUSE_MS = 1500;
let afterG = -Infinity;

document.addEventListener("keydown", (event) => {
  if (event.key === "F6") return event.preventDefault(), nextPane(event.shiftKey ? -1 : 1);
  if (event.key === "Escape") return escape(event);
  if (event.altKey || $("dialog[open]")) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, iframe")) return;
  const list = links().length > 0;
  const inList = event.target.closest("#message-list") || event.target === document.body;
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "a" && list && inList) event.preventDefault(), select(boxes().slice(0, limit()), true);
    return;
  }
  if (/^(Arrow|Home|End|Page)/.test(event.key) && !inList) return;
  if (event.key.length === 1 && event.key !== " " && "letterKeys" in document.documentElement.dataset) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.key === " " && event.target.closest(".row__link")) return event.preventDefault(), keys.x(event);
  if (key === "g") return (afterG = event.timeStamp);
  const isSecond = event.timeStamp - afterG < PAUSE_MS;
  afterG = -Infinity;
  if (isSecond && use(`g ${key}`)) return event.preventDefault();
  if (key.length > 1 && event.target.closest("summary, button")) return;
  if (keys[key] && list) event.preventDefault(), keys[key](event);
  else if (key !== " " && use(key)) event.preventDefault();
});

function escape(event) {
  const menu = $("details[data-menu][open]");
  if (menu) return (menu.open = false), $("summary", menu).focus();
  if (closeRowMenu({ refocus: true })) return;
  if (!$("dialog[open], :popover-open") && $(".reader[data-open]")) back();
}

// The rail's days by arrow keys.
document.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  if (!steps[event.key] || !event.target.closest("#day-rail")) return;
  const days = all("#day-rail a.day");
  days[days.indexOf(document.activeElement) + steps[event.key]]?.focus();
});
