// What all parts use: elements, words, and the two regions that are never swapped.

export const $ = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];
export const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const timers = {};

/** Say a sentence to screen readers. */
export function say(text, region = "announcement", after = 150) {
  clearTimeout(timers[region]);
  timers[region] = setTimeout(() => {
    $(`#${region}`).textContent = text;
    timers[region] = setTimeout(() => ($(`#${region}`).textContent = ""), 5000);
  }, after);
}

document.addEventListener("mtm:say", (event) => say(event.detail.value));
