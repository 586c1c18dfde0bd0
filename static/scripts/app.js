// Everything works without these files. With them: selection across pages, keyboard, focus, announcements.

import { rove } from "./keyboard.js";
import { $, all, fill, say } from "./page.js";
import { closeRowMenu } from "./row-menu.js";
import { form, keep, showSelection } from "./selection.js";

// Clicks that are no links: delegated by data-action.

const actions = {
  "show-password"(button) {
    const field = $("#password");
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  },
  shortcuts: () => $("#shortcuts").showModal(),
  async copy({ dataset }) {
    await navigator.clipboard.writeText(dataset.text ?? $(`#${dataset.from}`).textContent);
    say(dataset.done);
  },
  "clear-selection"() {
    keep(new Set());
    $("#actions").focus();
  },
  "go-on"() {
    keep(new Set());
    $("#rows .row__link[tabindex='0']").focus({ preventScroll: true });
  },
  retry() {
    $("#lost").hidden = true;
    lost?.focus();
    if (lost?.matches("form")) lost.requestSubmit();
    else lost?.click();
  },
  async stay({ dataset }) {
    const { redirected } = await fetch(dataset.url);
    if (redirected) location.replace(location.href);
    $("#idle").close();
    watch();
  },
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
  if (!event.target.matches("#row-menu, #row-menu > p")) closeRowMenu();
  for (const menu of all("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});

// A field may narrow a list on this page while one types.
document.addEventListener("input", ({ target }) => {
  const list = $(`#${target.dataset.filters}`);
  if (!list) return;
  const words = target.value.trim().toLowerCase();
  const items = all("[data-name]", list);
  for (const item of items) item.hidden = !item.dataset.name.toLowerCase().includes(words);
  say(fill(target.dataset.found, { count: items.filter((item) => !item.hidden).length }), "announcement", 500);
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
  message: () => document.activeElement.id !== "images" && $("#message-subject")?.focus({ preventScroll: true }),
  /** Another page begins at its heading; a filter or an order stays where it was chosen. */
  "message-list"(from) {
    const chosen = from.rel ? $("#message-list-title") : document.getElementById(from.id);
    (chosen?.closest("details")?.querySelector("summary") ?? chosen)?.focus();
  },
  "folder-manager": () => {
    const dialog = $("#folder-dialog");
    if (!dialog || dialog.open) return;
    dialog.showModal();
    ($("#folder-manager .checkbox") ?? $("#folder-manager-title")).focus();
  },
};

/** Whether a page asks by itself: nobody waits for it, and it moves nothing. */
const isPoll = ({ detail }) => "Poll" in detail.requestConfig.headers;

document.addEventListener("htmx:afterSettle", (event) => {
  prepare();
  if (isPoll(event)) return;
  // An element swapped by outerHTML is told by its old self; the new one has the same id.
  const id = event.detail.target.id;
  if (id !== "folder-manager") follow();
  $("#folder-pane")?.matches(":popover-open") && $("#folder-pane").hidePopover();
  const returned = id === "mailbox" && lastRow && $(`#${CSS.escape(lastRow)}`);
  if (returned) returned.focus();
  else if (id === "mailbox" && document.activeElement === document.body) $("#message-list-title").focus();
  else if (event.detail.target === document.body) $("h1")?.focus();
  else focusAfter[id]?.(event.detail.requestConfig.elt);
  lastRow = id === "message" ? location.pathname.split("/").filter(Boolean).pop() : null;
  if (lastRow) lastRow = `m-${lastRow}`;
});

let lastRow = null;
let slow, slower;

/** Show that a target is loading: a list or message keeps its place under lines without words. */
function busy(target, words) {
  const place = target.matches("#message") ? target : $(".message-list__scroll", target);
  if (words) target.setAttribute("aria-busy", "true");
  else target.removeAttribute("aria-busy");
  if (place && words) place.dataset.busy = words;
  else delete place?.dataset.busy;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isPoll(event)) return;
  const { elt, target } = event.detail;
  const words = elt.dataset.loading ?? $("#announcement").dataset.loading;
  slow = setTimeout(() => busy(target, words), 300);
  slower = setTimeout(() => say(words), 2000);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { target, successful } = event.detail;
  if (successful) $("#lost").hidden = true, (lost = null);
  if (isPoll(event)) return;
  clearTimeout(slow);
  clearTimeout(slower);
  busy(target);
  watch();
});

let lost = null;
document.addEventListener("htmx:sendError", (event) => {
  if (!isPoll(event)) lost = event.detail.elt;
  $("#lost").hidden = false;
});

// A session that ends is asked about two minutes before; once it has ended, the page leads to the login and back.
const WARNING_SECONDS = 120;
let warning, end;

function watch() {
  const seconds = Number($("#idle")?.dataset.seconds);
  if (!seconds) return;
  clearTimeout(warning);
  clearTimeout(end);
  warning = setTimeout(() => $("#idle").showModal(), (seconds - WARNING_SECONDS) * 1000);
  end = setTimeout(() => location.replace(location.href), (seconds + 1) * 1000);
}

watch();

/** What only makes sense with a script appears; the selection is drawn. */
function prepare() {
  all("[data-scripted]").forEach((element) => (element.hidden = false));
  if (form()) showSelection(), rove();
  if ($("#login")) sessionStorage.clear();
}

prepare();
// htmx has the browser load an earlier page anew, which begins at its heading.
if ($("#problem")) $("#problem").focus();
else if (performance.getEntriesByType("navigation")[0].type !== "navigate") $("h1")?.focus({ preventScroll: true });
$("#rows [aria-current]")?.scrollIntoView({ block: "nearest" });
