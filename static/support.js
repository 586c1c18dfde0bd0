// While a grant lives: its minutes counted down on the banner, and an alarm two minutes before its end.

const banner = () => document.querySelector("#grant-banner");
const endsAt = performance.now() + Number(banner().dataset.secondsLeft) * 1000;
const left = () => endsAt - performance.now();

function showMinutes() {
  if (!banner()) return;
  const minutes = Math.max(0, Math.ceil(left() / 60000));
  const { one, many } = banner().dataset;
  banner().querySelector("[data-minutes]").textContent = minutes === 1 ? one : many.replace("{minutes}", minutes);
}

document.addEventListener("htmx:afterSettle", showMinutes);
setTimeout(() => {
  showMinutes();
  document.querySelector("#alarm").textContent = banner()?.dataset.alarm ?? "";
}, Math.max(0, left() - 120000));
