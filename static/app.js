// Everything works without this file. With it: selection across pages, keyboard, focus, announcements.

const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Announcements: two regions that are never swapped.

const timers = {};

/** Say a sentence to screen readers. */
function say(text, region = "announcement") {
  clearTimeout(timers[region]);
  timers[region] = setTimeout(() => {
    $(`#${region}`).textContent = text;
    timers[region] = setTimeout(() => ($(`#${region}`).textContent = ""), 5000);
  }, 150);
}

document.addEventListener("mtm:say", (event) => say(event.detail.value));

// Selection: kept by day, across folders and pages, in this tab until logout.

const form = () => $("#selection");
const limit = () => Number(form().dataset.limit);
const boxes = () => all("#rows .checkbox");
const key = () => `selection ${form().dataset.day}`;
const chosen = () => new Set(JSON.parse(sessionStorage.getItem(key()) ?? "[]"));
let anchor = null;

function keep(ids) {
  sessionStorage.setItem(key(), JSON.stringify([...ids]));
  showSelection(ids);
}

/** Draw the selection: boxes, header box, bar, and the ids of other pages as hidden fields. */
function showSelection(ids = chosen()) {
  if (!form()) return;
  const shown = boxes();
  const full = ids.size >= limit();
  for (const box of shown) {
    box.checked = ids.has(box.value);
    box.setAttribute("aria-disabled", String(full && !box.checked));
  }
  const marked = shown.filter((box) => box.checked).length;
  const header = $("#select-all");
  header.checked = marked > 0 && marked === Math.min(shown.length, limit());
  header.indeterminate = marked > 0 && !header.checked;
  all("input[data-kept]", form()).forEach((field) => field.remove());
  const here = new Set(shown.map((box) => box.value));
  for (const id of ids) {
    if (here.has(id)) continue;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "message", value: id });
    field.dataset.kept = "";
    form().append(field);
  }
  const bar = $("#selection-bar");
  bar.hidden = ids.size === 0;
  const count = $("[data-count]", bar);
  const [before, after] = count.dataset.words.split("{count}");
  const number = Object.assign(document.createElement("strong"), { textContent: ids.size });
  count.replaceChildren(before, number, fill(after, { limit: limit() }));
  $("progress", bar).value = ids.size;
  $("[data-limit-reached]", bar).hidden = !full;
  $("[data-limit-words]", bar).hidden = true;
}

/** Select or deselect boxes, up to the limit; what does not fit is said. */
function select(wanted, on) {
  const ids = chosen();
  const before = ids.size;
  let refused = 0;
  for (const box of wanted) {
    if (!on) ids.delete(box.value);
    else if (ids.has(box.value) || ids.size < limit()) ids.add(box.value);
    else refused += 1;
  }
  keep(ids);
  $("[data-limit-words]").hidden = !refused;
  if (!refused) say(fill(form().dataset.selected, { count: ids.size, limit: limit() }));
  else if (wanted.length === 1 || ids.size === before) say(form().dataset.full, "alarm");
  else say(fill(form().dataset.some, { count: wanted.length - refused, wanted: wanted.length }), "alarm");
}

function toggle(box, { range = false } = {}) {
  const list = boxes();
  const on = !chosen().has(box.value);
  const [from, to] = [list.indexOf(anchor), list.indexOf(box)].sort((a, b) => a - b);
  select(range && from >= 0 ? list.slice(from, to + 1) : [box], on);
  anchor = box;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("#rows .checkbox");
  if (box) toggle(box, { range: event.shiftKey });
});

document.addEventListener("change", (event) => {
  if (event.target.id === "select-all") select(event.target.checked ? boxes().slice(0, limit()) : boxes(), event.target.checked);
  if (event.target.matches("input[data-submit]")) $("#submit").textContent = event.target.dataset.submit;
});

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  if (chosen().size === 0) {
    event.preventDefault();
    say(form().dataset.none, "alarm");
  }
  all("details[data-menu][open]").forEach((menu) => (menu.open = false));
});

// Clicks that are no links: delegated by data-action.

const actions = {
  "show-password"(button) {
    const field = $("#password");
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  },
  shortcuts: () => $("#shortcuts").showModal(),
  "close-dialog"(link, event) {
    const dialog = link.closest("dialog");
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
  },
};

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-action]");
  if (target) actions[target.dataset.action](target, event);
  if (event.target.closest("#clear-selection")) keep(new Set()), $("#actions").focus();
  for (const menu of all("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});

// htmx: what follows a swap.

/** Point the rail at what is open, and mark the open row: both stay when only the message is swapped. */
function follow() {
  const [, , ...rest] = location.pathname.split("/");
  for (const link of all("a[data-rail]")) {
    const [, day] = link.getAttribute("href").split("/");
    link.setAttribute("href", ["", day, ...rest].join("/"));
  }
  for (const link of all("#rows .row__link")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// htmx remembers where a link led when it first saw it.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.matches("a[data-rail]")) event.detail.path = event.detail.elt.getAttribute("href");
});

const focusAfter = {
  view: () => document.activeElement === document.body && $("#day-rail [aria-current]").focus(),
  message: () => $("#message-subject")?.focus({ preventScroll: true }),
  "message-list": () => $("#message-list-title").focus(),
  "folder-manager": () => {
    $("#folder-dialog").showModal();
    ($("#folder-manager .checkbox") ?? $("#folder-manager-title")).focus();
  },
};

document.addEventListener("htmx:afterSettle", (event) => {
  const id = event.detail.target.id;
  // An element swapped by outerHTML is told by its old self; the new one has the same id.
  prepare();
  if (id !== "folder-manager") follow();
  $("#folder-pane")?.matches(":popover-open") && $("#folder-pane").hidePopover();
  const returned = id === "mailbox" && lastRow && $(`#${CSS.escape(lastRow)}`);
  if (returned) returned.focus();
  else if (id === "mailbox" && document.activeElement === document.body) focusAfter["message-list"]();
  else if (event.detail.target === document.body) $("h1")?.focus();
  else focusAfter[id]?.();
  lastRow = id === "message" ? location.pathname.split("/").filter(Boolean).pop() : null;
  if (lastRow) lastRow = `m-${lastRow}`;
});

let lastRow = null;
let slow, slower;
document.addEventListener("htmx:beforeRequest", (event) => {
  slow = setTimeout(() => event.detail.target.setAttribute("aria-busy", "true"), 300);
  slower = setTimeout(() => say($("#announcement").dataset.loading), 2000);
});
for (const name of ["htmx:afterRequest", "htmx:sendError"]) {
  document.addEventListener(name, (event) => {
    clearTimeout(slow);
    clearTimeout(slower);
    event.detail.target?.removeAttribute("aria-busy");
  });
}
// A connection that was lost is the browser's to explain: it asks for the page itself.
document.addEventListener("htmx:sendError", (event) => location.assign(event.detail.pathInfo?.requestPath ?? location.href));

// Keyboard. Letters are off in fields and with modifiers.

const links = () => all("#rows .row__link");
const openBox = () => document.activeElement.closest?.(".row")?.querySelector(".checkbox") ?? $(".row:has([aria-current]) .checkbox");

/** Move in the list; with Shift the selection grows along. */
function move(step, { shiftKey: extends_ } = {}) {
  const list = links();
  const at = list.indexOf(document.activeElement.closest(".row")?.querySelector(".row__link"));
  const to = Math.max(0, Math.min(list.length - 1, at + step));
  list[to]?.focus();
  if (extends_) select([boxes()[Math.max(0, at)], (anchor = boxes()[to])], true);
}

/** One row of the list is in the Tab order: the one last used, else the open one, else the first. */
function rove(row = $(".row:has([aria-current])") ?? $(".row")) {
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

function back() {
  const row = $("#rows [aria-current]");
  if (row && row.offsetParent) row.focus();
  else $("#message-back")?.click();
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
  ",": () => $("#day-before")?.click(), ".": () => $("#day-after")?.click(),
  h: () => $("#headers")?.click(),
  d: () => ($("#actions").closest("details").open = true) && $("#actions").focus(),
  "?": () => $("#shortcuts")?.showModal(),
};
const folders = { i: "inbox", s: "sent", b: "drafts", c: "trash", p: "junk" };
let afterG = 0;

document.addEventListener("keydown", (event) => {
  if (event.key === "F6") return event.preventDefault(), nextPane(event.shiftKey ? -1 : 1);
  if (event.key === "Escape") return escape(event);
  if (event.altKey || !form() || $("dialog[open]")) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, iframe")) return;
  const inList = event.target.closest("#message-list") || event.target === document.body;
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "a" && inList) event.preventDefault(), select(boxes().slice(0, limit()), true);
    return;
  }
  if (/^(Arrow|Home|End|Page)/.test(event.key) && !inList) return;
  if (event.key.length === 1 && event.key !== " " && "letters" in document.body.dataset) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.key === " " && event.target.closest(".row__link")) return event.preventDefault(), keys.x(event);
  if (key === "g") return (afterG = Date.now());
  if (Date.now() - afterG < 1500 && folders[key]) return (afterG = 0), $(`#folder-${folders[key]}`)?.click();
  if (keys[key] && !event.target.closest("summary, button")) event.preventDefault(), keys[key](event);
});

function escape(event) {
  const menu = $("details[data-menu][open]");
  if (menu) return (menu.open = false), $("summary", menu).focus();
  if (!$("dialog[open], :popover-open") && $(".reader[data-open]")) back();
}

// The rail's days by arrow keys.
document.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  if (!steps[event.key] || !event.target.closest("#day-rail")) return;
  const days = all("#day-rail a.day");
  days[days.indexOf(document.activeElement) + steps[event.key]]?.focus();
});

/** What only makes sense with a script appears; the selection is drawn. */
function prepare() {
  all("[data-scripted]").forEach((element) => (element.hidden = false));
  if (form()) showSelection(), rove();
  if ($("#login")) sessionStorage.clear();
}

prepare();
$("#problem")?.focus();
$("#rows [aria-current]")?.scrollIntoView({ block: "nearest" });
