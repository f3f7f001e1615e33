// Pay so far, with its derivation: computed by commission, only shown here.

import { element, part } from "./parts.js";

// The plan that holds for somebody: by name, else by team. Its period is the one that is paid.
function kindOf(plans, said) {
  const own = plans.plans.find((plan) => plan.reps.includes(said.rep));
  return (own ?? plans.plans.find((plan) => plan.teams.includes(said.team)) ?? { period: "month" }).period;
}

// The page of the lines behind a step of a derivation.
function linesOf(address) {
  return address.replace("/scoring/v1/credits", "/scoring/credits");
}

function step(each, language, words) {
  const item = element("li", {}, [each.sentence[language]]);
  if (each.why) item.append(" ", element("a", { href: linesOf(each.why) }, [words("pay.lines")]));
  return item;
}

function line(each, said, words, numbers) {
  const language = said.language.slice(0, 2);
  const reached = each.attainment ? Number(each.attainment.value) : null;
  const told = [
    element("span", { class: "what" }, [
      element("span", { class: "sentence" }, [each.label[language]]),
      element("small", { class: "muted" }, [
        words(`pay.scope.${each.scope}`),
        reached === null ? "" : ` · ${words("pay.reached", { share: numbers.share(reached) })}`,
      ]),
    ]),
    element("span", { class: "amount" }, [numbers.money(each.amount, each.currency)]),
  ];
  const derivation = element("ol", { class: "derivation" }, each.derivation.map((one) => step(one, language, words)));
  const inside = [element("summary", {}, told), element("div", { class: "opened" }, [derivation])];
  if (each.carried.minor > 0) {
    const kept = words("pay.carried", { amount: numbers.money(each.carried.amount, each.currency) });
    inside[1].append(element("p", { class: "small" }, [kept]));
  }
  const id = `pay-${each.plan.id}-${each.component}-${each.origin ?? ""}-${each.team ?? ""}`;
  return element("li", {}, [element("details", { id }, inside)]);
}

function total(found, numbers) {
  const sums = found.totals.length ? found.totals.map((one) => numbers.money(one.amount, one.currency)) : ["–"];
  return element("p", { class: "sum" }, [sums.join(" + ")]);
}

function remarks(found, language) {
  return found.exceptions.map((one) => element("p", { class: "notice warn small" }, [one.sentence[language]]));
}

export function pay(said, words, numbers) {
  const language = said.language.slice(0, 2);
  const rep = encodeURIComponent(said.rep);
  const of = (answers) => said.pay_periods[kindOf(answers[0], said)] ?? said.pay_periods.month;
  const plans = "/commission/v1/plans";
  part("pay", [plans, (answers) => `/commission/v1/statements/${rep}?period=${of(answers)}`], {
    missing: () => words("pay.missing"),
    show: ([known, found]) => {
      const period = found.period.id;
      const closed = found.closed_in !== null;
      const lines = found.lines.map((each) => line(each, said, words, numbers));
      const plan = found.segments.some((each) => each.plan !== null);
      return [
        element("p", { class: "apart small muted" }, [
          element("span", {}, [words("pay.period", { period })]),
          element("span", { class: `badge ${closed ? "good" : "quiet"}` }, [words(closed ? "pay.closed" : "pay.estimate")]),
        ]),
        total(found, numbers),
        ...(lines.length ? [element("ul", { class: "lines" }, lines)] : [element("p", {}, [words(plan ? "pay.nothing" : "pay.no_plan")])]),
        ...remarks(found, language),
        element("p", { class: "small muted" }, [
          found.as_of ? words("pay.as_of", { time: numbers.time(found.as_of) }) : "",
          known.version === null ? "" : ` · ${words("pay.version", { number: known.version })}`,
        ]),
        element("p", { class: "actions" }, [
          element("a", { class: "button", href: `/commission/statements/${rep}?period=${period}` }, [words("pay.statement")]),
        ]),
      ];
    },
  });
}
