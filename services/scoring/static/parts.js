// Parts of a page that are asked from other services on this site, and asked again while somebody looks.

const AGAIN = 30_000; // ms between two looks while the page is seen
const AFTER_FAILURE = 5_000;

// Fills the {names} of a sentence.
export function say(sentence, values = {}) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// Makes an element; what it holds is text or elements, never markup.
export function element(name, attributes = {}, inside = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

// Writes numbers, money and moments as people of a language do.
export function figures(language, timeZone) {
  const plain = new Intl.NumberFormat(language);
  const ordinal = new Intl.PluralRules(language, { type: "ordinal" });
  const ends = language.startsWith("nl")
    ? { other: "e" }
    : { one: "st", two: "nd", few: "rd", other: "th" };
  const money = (text, currency) =>
    new Intl.NumberFormat(language, { style: "currency", currency }).format(text);
  const major = (smallest, decimals) => Number(smallest) / 10 ** decimals;
  const isMoney = (metric) => metric.unit?.length === 3 && metric.unit === metric.unit.toUpperCase();
  const bare = (smallest, metric) =>
    isMoney(metric)
      ? money(major(smallest, metric.decimals), metric.unit)
      : plain.format(major(smallest, metric.decimals));
  const label = (metric) => metric.label[language.slice(0, 2)];
  return {
    bare,
    money,
    whole: (number) => plain.format(number),
    amount: (smallest, metric) =>
      isMoney(metric) ? bare(smallest, metric) : `${bare(smallest, metric)} ${label(metric)}`,
    share: (text) => new Intl.NumberFormat(language, { style: "percent" }).format(text),
    place: (rank) => `${plain.format(rank)}${ends[ordinal.select(rank)] ?? ends.other}`,
    time: (text) =>
      new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone }).format(new Date(text)),
  };
}

class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? String(status));
    this.status = status;
    this.reference = problem?.request_id ?? "";
  }
}

// Asks for JSON; raises what the service says when it refuses.
export async function ask(address, options = {}) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-cache", ...options });
  const body = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw new Refused(answer.status, body);
  return body;
}

// Keeps a part filled. `needs` are addresses, or functions that return one from what was answered before;
// `look.show` gets the answers and returns elements, `missing` a sentence for 404, `skip` one when there is nothing to ask.
export function part(name, needs, look) {
  const place = () => document.getElementById(name);
  let before = null;
  let timer = 0;

  function fill(inside) {
    const whole = place();
    if (!whole) return;
    const body = whole.querySelector(".filled") ?? whole;
    const open = new Set([...body.querySelectorAll("details[open]")].map((each) => each.id));
    const known = body.dataset.shown === "yes";
    body.replaceChildren(...inside);
    if (known) for (const each of body.querySelectorAll("details[id]")) each.open = open.has(each.id);
    body.dataset.shown = "yes";
    whole.removeAttribute("aria-busy");
  }

  function failed(error) {
    if (before !== null && error.status !== 403 && error.status !== 401) return; // what was shown stays; it says of when it is
    const whole = place();
    if (!whole?.dataset.failed) return;
    const again = element("button", { type: "button" }, [whole.dataset.again]);
    again.addEventListener("click", lookAgain);
    const reference = error.reference ? element("small", { class: "muted" }, [` ${error.reference}`]) : "";
    fill([element("div", { class: "notice warn", role: "status" }, [whole.dataset.failed, reference]), again]);
  }

  async function lookAgain() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const answers = [];
      for (const need of needs) {
        const address = typeof need === "function" ? need(answers) : need;
        answers.push(address === null ? null : await ask(address));
      }
      const now = JSON.stringify(answers);
      const used = place()?.querySelector("form")?.contains(document.activeElement);
      if (now !== before && !used) {
        fill(look.show(answers));
        before = now;
      }
      timer = setTimeout(lookAgain, AGAIN);
    } catch (error) {
      if (error.status === 404) fill([element("p", { class: "muted" }, [look.missing(error)])]);
      else failed(error);
      timer = setTimeout(lookAgain, error.status ? AGAIN : AFTER_FAILURE);
    }
  }

  const skipped = look.skip?.() ?? null;
  if (skipped !== null) {
    fill([element("p", { class: "muted" }, [skipped])]);
    return;
  }
  document.addEventListener("visibilitychange", lookAgain);
  document.addEventListener("part:changed", () => {
    if (place()?.dataset.shown === undefined && !place()?.querySelector("[data-shown]")) before = null; // it was drawn anew
    lookAgain();
  });
  lookAgain();
}
