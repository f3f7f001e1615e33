// The course of a period: draws what the table beside it says, and draws it anew when that changes.

const LANGUAGE = document.documentElement.lang === "nl" ? "nl" : "en-GB";
const DAY = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short", timeZone: "UTC" });
const STEPS = Array.from({ length: 14 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const NAMES = ["actual", "expected", "previous", "low", "mid", "high"];

const numbers = (figure) => {
  const money = figure.dataset.money
    ? { style: "currency", currency: figure.dataset.unit, maximumFractionDigits: 0 }
    : { maximumFractionDigits: 0 };
  return new Intl.NumberFormat(LANGUAGE, money);
};

// Reads the table: seconds of each day, then a list of values for each column, in usual units.
function read(figure) {
  const unit = 10 ** Number(figure.dataset.decimals);
  const rows = [...figure.querySelectorAll("tbody tr")];
  const days = rows.map((row) => Date.parse(`${row.dataset.day}T12:00:00Z`) / 1000);
  const value = (cell) => (cell.dataset.v === "" ? null : Number(cell.dataset.v) / unit);
  return [days, ...NAMES.map((_, n) => rows.map((row) => value(row.querySelectorAll("td")[n])))];
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return { text: of("--text"), muted: of("--muted"), line: of("--line"), hair: of("--hair"), link: of("--link") };
}

// Writes what the pointer is at; the table says the same for those who have none.
function readout(figure, chart) {
  const at = chart.cursor.idx;
  const place = figure.querySelector("[data-readout]");
  if (at === null || at === undefined || chart.cursor.left < 0) {
    place.textContent = "";
    return;
  }
  const heads = [...figure.querySelectorAll("thead th")].slice(1).map((head) => head.textContent);
  const write = numbers(figure);
  const said = heads.map((head, n) => [head, chart.data[n + 1][at]]).filter(([, value]) => value !== null);
  place.textContent = [DAY.format(chart.data[0][at] * 1000), ...said.map(([head, value]) => `${head} ${write.format(value)}`)].join(" · ");
}

function options(figure, width, height) {
  const colour = colours();
  const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${Math.round(size * 0.8)}px Inter, sans-serif`;
  const write = numbers(figure);
  const axis = { stroke: colour.muted, font, ticks: { show: false }, grid: { stroke: colour.hair, width: 1 } };
  const widest = (_, values) => {
    const longest = Math.max(...(values ?? []).map((each) => each.length), 4);
    return longest * size * 0.5 + size;
  };
  const hidden = { stroke: "transparent", width: 0, points: { show: false } };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 8, fill: colour.link }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(high ?? 0, 1) * 1.06] } },
    axes: [
      { ...axis, space: size * 4.5, size: size * 2, values: (_, days) => days.map((day) => DAY.format(day * 1000)), incrs: [1, 2, 5, 7, 14, 30, 61, 92].map((days) => days * 86_400), grid: { show: false } },
      { ...axis, space: size * 3, size: widest, incrs: STEPS, values: (_, values) => values.map((value) => write.format(value)) },
    ],
    series: [
      {},
      { stroke: colour.link, width: 3, points: { show: false }, fill: `color-mix(in srgb, ${colour.link} 8%, transparent)` },
      { stroke: colour.text, width: 1.5, dash: [6, 4], points: { show: false } },
      { stroke: colour.line, width: 1.5, dash: [2, 3], points: { show: false } },
      hidden,
      { stroke: colour.link, width: 2, dash: [4, 4], points: { show: false } },
      hidden,
    ],
    bands: [{ series: [6, 4], fill: `color-mix(in srgb, ${colour.link} 22%, transparent)` }],
    tzDate: (seconds) => new Date(seconds * 1000),
    hooks: { setCursor: [(chart) => readout(figure, chart)] },
  };
}

const charts = new WeakMap();

function draw(figure) {
  const place = figure.querySelector("[data-plot]");
  const { width, height } = place.getBoundingClientRect();
  if (width === 0 || typeof uPlot === "undefined") return;
  charts.get(figure)?.destroy();
  charts.set(figure, new uPlot(options(figure, Math.floor(width), Math.max(160, Math.floor(height))), read(figure), place));
}

const drawAll = () => document.querySelectorAll("[data-course]").forEach(draw);

let last = 0;
const sizes = new ResizeObserver(([entry]) => {
  if (Math.abs(entry.contentRect.width - last) < 1) return;
  last = entry.contentRect.width;
  drawAll();
});
sizes.observe(document.querySelector("main"));
document.addEventListener("part:changed", (event) => {
  if (event.target.matches("[data-course]")) draw(event.target);
});
for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", drawAll);
document.fonts.ready.then(drawAll);
