// Keeps a page true: asks for it again (304 when nothing changed), puts in the parts that changed, and says how fresh it is.

const ACTIVE = 3_000; // ms between two looks while somebody does something
const IDLE = 60_000;
const ROUNDS = 20; // looks at that pace after the last sign of a person
const PATIENCE = 10_000; // ms until an answer counts as lost

const fresh = document.querySelector("[data-fresh]");
const said = fresh?.querySelector("[data-fresh-said]");
const language = document.documentElement.lang === "nl" ? "nl" : "en-GB";
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", timeZone: fresh?.dataset.zone });

const parts = (root) => [...root.querySelectorAll("[data-part]")];
const sent = new Map(parts(document).map((part) => [part.dataset.part, part.outerHTML]));

let rounds = ROUNDS;
let timer = 0;
let good = new Date(); // when the page was last known to be true
let failures = 0;
let asking = false;

const say = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function state(name, reference = "") {
  const time = clock.format(good);
  fresh.dataset.state = name;
  fresh.querySelector("[data-fresh-now]").textContent = say(said.dataset.live, { time });
  const sentence = name === "live" ? "" : say(said.dataset[name], { time, reference });
  if (said.textContent !== sentence) said.textContent = sentence;
  fresh.querySelector("[data-fresh-again]").hidden = name === "live";
  for (const button of document.querySelectorAll("[data-online]")) button.disabled = name === "offline";
}

// Puts one part in: what was opened stays open, and who was inside stays inside.
function put(old, now) {
  const open = [...old.querySelectorAll("details")].map((each) => each.open);
  const inside = [...old.querySelectorAll("a, button, summary, input, select")].indexOf(document.activeElement);
  const scrolled = [...old.querySelectorAll(".flags, .scroll")].map((each) => each.scrollTop);
  old.replaceChildren(...now.childNodes);
  for (const { name, value } of now.attributes) old.setAttribute(name, value);
  old.querySelectorAll("details").forEach((each, n) => (each.open = open[n] ?? false));
  old.querySelectorAll(".flags, .scroll").forEach((each, n) => (each.scrollTop = scrolled[n] ?? 0));
  if (inside >= 0) old.querySelectorAll("a, button, summary, input, select")[inside]?.focus({ preventScroll: true });
  old.classList.remove("is-new");
  requestAnimationFrame(() => old.classList.add("is-new"));
  old.dispatchEvent(new Event("part:changed", { bubbles: true }));
}

// Tells whether somebody has written something there that is not sent yet: it is not taken away.
function isWriting(part) {
  return [...part.querySelectorAll("textarea, input:not([type=hidden])")].some((each) => each.value !== each.defaultValue);
}

function renew(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const now = parts(page);
  const names = (list) => list.map((part) => part.dataset.part).join();
  if (names(now) !== names(parts(document))) {
    location.reload(); // a part came or went: the page is another one
    return;
  }
  for (const part of now) {
    const name = part.dataset.part;
    const shown = document.querySelector(`[data-part="${name}"]`);
    if (part.outerHTML === sent.get(name) || isWriting(shown)) continue;
    sent.set(name, part.outerHTML);
    put(shown, part);
  }
}

async function look() {
  clearTimeout(timer);
  if (document.hidden || asking) return;
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-cache", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname !== location.pathname)) {
      location.reload(); // signed out: the page says so, or signs in again
      return;
    }
    if (!answer.ok) throw Object.assign(new Error(answer.status), { reference: answer.headers.get("X-Request-ID") });
    renew(await answer.text());
    good = new Date();
    failures = 0;
    state("live");
  } catch (error) {
    failures += 1;
    if (error.reference) state("broken", error.reference);
    else state(failures > 1 || !navigator.onLine ? "offline" : "stale");
  } finally {
    asking = false;
  }
  rounds = Math.max(0, rounds - 1);
  timer = setTimeout(look, failures ? Math.min(IDLE, ACTIVE * 2 ** Math.min(failures, 4)) : rounds ? ACTIVE : IDLE);
}

function somebody() {
  const slept = rounds === 0;
  rounds = ROUNDS;
  if (slept) look();
}

if (fresh) {
  state("live");
  timer = setTimeout(look, ACTIVE);
  for (const sign of ["pointerdown", "pointermove", "keydown", "scroll"]) addEventListener(sign, somebody, { passive: true });
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  addEventListener("online", look);
  addEventListener("offline", () => state("offline"));
  fresh.querySelector("[data-fresh-again]").addEventListener("click", look);
}
