// What waits at the front door: what is parked, of everybody (its owner is often not known yet), and questions about the
// data of these people. Asked there, because it is known there; a part that fails says so itself.

import { ask } from "./parts.js";

const AGAIN = 60_000; // ms
const SLOW = 300; // ms until it is said that something is being fetched

const COUNTS = {
  parked: (found) => found.whole.parked,
  flags: (found, reps) => found.flags.filter((flag) => reps.has(flag.rep) && !flag.seen).length,
};

const numbers = new Intl.NumberFormat(document.documentElement.lang === "nl" ? "nl" : "en-GB");
const items = () => [...document.querySelectorAll("[data-waiting]")];

function show(item, count, sentence) {
  item.hidden = false;
  item.querySelector("[data-count]").textContent = count === null ? "" : numbers.format(count);
  const said = item.querySelector("[data-said]");
  if (said.textContent !== sentence) said.textContent = sentence;
}

async function fill() {
  if (document.hidden || !items().length) return;
  const slow = setTimeout(() => items().forEach((item) => item.hidden && show(item, null, item.dataset.loading)), SLOW);
  try {
    const found = await ask("/ingest/v1/quality");
    for (const item of items()) show(item, COUNTS[item.dataset.waiting](found, new Set(item.dataset.reps.split(" "))), "");
  } catch (error) {
    const refused = error.status === 403 || error.status === 401;
    const reference = error.reference || error.status || "–";
    for (const item of items()) show(item, null, refused ? item.dataset.refused : item.dataset.broken.replace("{reference}", reference));
  } finally {
    clearTimeout(slow);
  }
}

fill();
setInterval(fill, AGAIN);
document.addEventListener("part:changed", (event) => event.target.querySelector("[data-waiting]") && fill());
