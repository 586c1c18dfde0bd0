import { $, all } from "./page.js";
import { chosen, field, form } from "./selection.js";

// The menu of a row, by right click, long press, or the keyboard's own key for it: what is done with the message,
// or with all that are selected where it is one of them. With Shift the browser shows its own.

const LONG_PRESS_MS = 500;
const MARGIN_PX = 8;
const menu = () => $("#row-menu");
let row = null;
let press;
let isHeld = false;

function open(x, y) {
  const message = $(".checkbox", row).value;
  const ids = chosen();
  const wanted = ids.has(message) ? [...ids] : [message];
  const title = $("p", menu());
  title.textContent = title.dataset[wanted.length > 1 ? "many" : "one"];
  menu().action = form().action;
  menu().elements.folder.value = form().elements.folder?.value ?? "";
  all("[name=message]", menu()).forEach((old) => old.remove());
  menu().append(...wanted.map(field));
  $("a", menu()).href = $(".row__link", row).href;
  if (!menu().matches(":popover-open")) menu().showPopover();
  Object.assign(menu().style, {
    left: `${Math.max(MARGIN_PX, Math.min(x, innerWidth - menu().offsetWidth - MARGIN_PX))}px`,
    top: `${Math.max(MARGIN_PX, Math.min(y, innerHeight - menu().offsetHeight - MARGIN_PX))}px`,
  });
  $("button", menu()).focus();
}

/** Close the menu, and say whether it was open. */
export function closeRowMenu({ refocus = false } = {}) {
  if (!menu()?.matches(":popover-open")) return false;
  menu().hidePopover();
  if (refocus) $(".row__link", row)?.focus();
  return true;
}

const rowOf = (event) => menu() && form() && event.target.closest?.("#rows .row");

document.addEventListener("contextmenu", (event) => {
  const found = rowOf(event);
  if (!found || event.shiftKey) return;
  event.preventDefault();
  row = found;
  open(event.clientX, event.clientY);
});

// Not every phone tells a long press by the event above; the click that ends it opens nothing.
document.addEventListener("pointerdown", (event) => {
  isHeld = false;
  const found = event.pointerType === "touch" && rowOf(event);
  if (!found) return;
  press = setTimeout(() => {
    row = found;
    isHeld = true;
    open(event.clientX, event.clientY);
  }, LONG_PRESS_MS);
});
for (const name of ["pointerup", "pointercancel", "scroll"])
  document.addEventListener(name, () => clearTimeout(press), { capture: true });
document.addEventListener("click", (event) => isHeld && (event.preventDefault(), event.stopPropagation()), { capture: true });
document.addEventListener("scroll", () => closeRowMenu(), { capture: true });

document.addEventListener("focusout", (event) => {
  if (menu()?.contains(event.target) && event.relatedTarget && !menu().contains(event.relatedTarget)) closeRowMenu();
});
