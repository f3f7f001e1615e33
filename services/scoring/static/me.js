// The parts of the own page that other services know: rank, pay, the team's place, the profile.
// Each part asks for itself; one that fails says so, and leaves the others alone.

import { element, figures, part, say } from "./parts.js";
import { pay } from "./me_pay.js";
import { profile } from "./me_profile.js";

const said = JSON.parse(document.getElementById("said").textContent);
const numbers = figures(said.language, said.zone);
const words = (key, values) => say(said.words[key] ?? key, values);
const AROUND = 2;

const board = (scope) => `/leaderboard/v1/boards/${said.metric}/${said.period}/${encodeURIComponent(scope)}`;

function place(row) {
  return row.rank === null ? "–" : numbers.place(row.rank, said.language);
}

function step(found, metric) {
  const me = found.rows.find((row) => row.id === found.member);
  if (found.above === null) return words(found.below === null ? "rank.alone" : "rank.first");
  const amount = numbers.amount(found.above.distance, metric);
  const shared = found.rows.some((row) => row.id !== found.member && row.rank === me.rank);
  return words(shared ? "rank.shared" : "rank.next", { amount, place: place(found.above) });
}

function around(found) {
  const most = Math.max(1, ...found.rows.map((row) => row.amount));
  const list = element("ol", { class: "around" });
  for (const row of found.rows) {
    const mine = row.id === found.member;
    const bar = element("meter", { min: 0, max: most, value: Math.max(0, row.amount), "aria-hidden": "true" });
    list.append(
      element("li", mine ? { class: "mine", "aria-current": "true" } : {}, [
        element("span", { class: "place" }, [place(row)]),
        element("span", { class: "name" }, [mine ? words("rank.me") : row.name || words("rank.colleague")]),
        bar,
        element("span", { class: "num" }, [numbers.bare(row.amount, found.metric)]),
      ]),
    );
  }
  return element("details", { open: "", id: "around" }, [element("summary", {}, [words("rank.around")]), list]);
}

part("rank", [`${board(`team:${said.team}`)}/around/${encodeURIComponent(said.rep)}?n=${AROUND}`], {
  skip: () => (said.team === null ? words("rank.no_team") : null),
  missing: () => words("rank.missing"),
  show: ([found]) => {
    const me = found.rows.find((row) => row.id === found.member);
    return [
      element("p", { class: "sum" }, [
        place(me),
        element("small", {}, [` ${words("rank.of", { total: numbers.whole(found.total) })}`]),
      ]),
      element("p", {}, [step(found, found.metric)]),
      around(found),
    ];
  },
});

part("standing", [`${board("teams")}/around/${encodeURIComponent(said.team)}?n=1`], {
  skip: () => (said.team === null ? "" : null),
  missing: () => "",
  show: ([found]) => {
    const own = found.rows.find((row) => row.id === found.member);
    const values = { place: place(own), total: numbers.whole(found.total) };
    return [
      element("p", {}, [words("team.place", values)]),
      element("p", { class: "small muted" }, [found.above ? step(found, found.metric) : words("team.first")]),
    ];
  },
});

pay(said, words, numbers);
profile(said, words);
