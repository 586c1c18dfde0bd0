import { $, all, fill, say } from "./page.js";

// Selection: kept by day, across folders and pages, in this tab until logout.

export const form = () => $("#selection");
export const limit = () => Number(form().dataset.limit);
export const boxes = () => all("#rows .checkbox");
const key = () => `selection ${form().dataset.day}`;
export const chosen = () => new Set(JSON.parse(sessionStorage.getItem(key()) ?? "[]"));
let anchor = null;

/** A hidden field that sends a message along. */
export const field = (value) => Object.assign(document.createElement("input"), { type: "hidden", name: "message", value });

export function keep(ids) {
  sessionStorage.setItem(key(), JSON.stringify([...ids]));
  showSelection(ids);
}

/** Draw the selection: boxes, header box, bar, and the ids of other pages as hidden fields. */
export function showSelection(ids = chosen()) {
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
  all("input[type=hidden][name=message]", form()).forEach((old) => old.remove());
  const here = new Set(shown.map((box) => box.value));
  form().append(...[...ids].filter((id) => !here.has(id)).map(field));
  const bar = $("#selection-bar");
  bar.hidden = ids.size === 0;
  const count = $("[data-count]", bar);
  const [before, after] = count.dataset.words.split("{count}");
  const number = Object.assign(document.createElement("strong"), { textContent: ids.size });
  count.replaceChildren(before, number, fill(after, { limit: limit() }));
  $("progress", bar).value = ids.size;
  $("[data-limit-reached]", bar).hidden = !full;
  for (const next of all(".selection-bar__next", bar)) next.hidden = true;
}

/** Select or deselect boxes, up to the limit; what does not fit is said. */
export function select(wanted, on) {
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
  if (!refused) say(fill(form().dataset.selected, { count: ids.size, limit: limit() }), "announcement", 500);
  else if (wanted.length === 1 || ids.size === before) say(form().dataset.full, "alarm");
  else say(fill(form().dataset.some, { count: wanted.length - refused, wanted: wanted.length }), "alarm");
}

export function toggle(box, { range = false } = {}) {
  const list = boxes();
  const on = !chosen().has(box.value);
  const [from, to] = [list.indexOf(anchor), list.indexOf(box)].sort((a, b) => a - b);
  select(range && from >= 0 ? list.slice(from, to + 1) : [box], on);
  anchor = box;
}

/** Select two neighbours; ranges start from the second from then on. */
export function extend(from, to) {
  anchor = to;
  select([from, to], true);
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
  const sent = event.target;
  if (sent !== form() && sent.id !== "row-menu") return;
  all("details[data-menu][open]").forEach((menu) => (menu.open = false));
  const count = new FormData(sent).getAll("message").length;
  if (count === 0) {
    event.preventDefault();
    say(form().dataset.none, "alarm");
  } else if (event.submitter?.name === "format") started(sent, count, event.submitter.value);
});

/** Say what is on its way; of a selection, offer to go on with the others. */
function started(sent, count, format) {
  const words = form().dataset[count === 1 ? "startedOne" : "startedMany"];
  say(fill(words, { count, format: format === "maildir" ? "Maildir" : format.toUpperCase() }));
  if (sent !== form()) return;
  const done = $("[data-downloaded] p");
  for (const next of all(".selection-bar__next")) next.hidden = !next.contains(done);
  done.textContent = fill(done.dataset.words, { count });
}
