// Everything works without these files. With them: selection across pages, keyboard, focus, announcements.

import { rove } from "./keyboard.js";
import { $, all, say } from "./page.js";
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
  else if (id === "mailbox" && document.activeElement === document.body) $("#message-list-title").focus();
  else if (event.detail.target === document.body) $("h1")?.focus();
  else focusAfter[id]?.(event.detail.requestConfig.elt);
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
