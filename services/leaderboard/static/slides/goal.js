// A goal as a ring that closes: each team its own arc, a mark where everybody would be on schedule.

import {count} from '../motion.js';
import {badge, drawing, make, number} from '../parts.js';

const RADIUS = 84, ROUND = 2 * Math.PI * RADIUS;

export function goal(host, kit) {
  const percent = make('strong.percent.figure'), of = make('span.word'), ring = drawing('svg', {viewBox: '0 0 200 200', role: 'img'});
  const left = make('div.ring.enter', ring, make('div.middle', percent, of));
  const amount = make('p.amount.fit.figure'), target = make('p.target.fit'), facts = make('ul.facts'), parts = make('ul.shares');
  host.append(left, make('div.story', amount, target, facts, parts));

  function draw(slide, animated) {
    const {metric, team} = slide, {words, say} = kit;
    number(host, '--team', team?.color ?? 'var(--text)');
    count(percent, slide.percent, animated, value => words.percent(value));
    of.textContent = words.say('goal.of');
    count(amount, slide.amount, animated, value => words.amount(metric, value));
    target.textContent = words.say('goal.target', {goal: [words.amount(metric, slide.goal), say.unit(metric, 'total')].filter(Boolean).join(' ')});
    arcs(slide);
    facts.replaceChildren(...factsOf(slide).map(([kind, text]) => make(`li.${kind}.fit.enter`, text)));
    parts.replaceChildren(...slide.teams.slice(0, 8).map(each => make('li.enter', badge(each), words.percent(each.percent ?? 0))));
    parts.hidden = !slide.teams.length;
    const whose = team ? team.name : words.say('goal.together');
    const what = kit.scale > 1.1 ? '' : `${words.label(metric)} `;
    return {title: `${whose} · ${what}${words.period(slide.period)}`, period: slide.period};
  }

  function factsOf(slide) {
    const {words, say} = kit, {metric} = slide;
    const pace = slide.percent >= 100 ? 'reached' : slide.pace;
    const found = [pace && [`pace.${pace}`, words.say(`goal.${pace}`)]];
    if (slide.needed_per_workday) {
      const amount = words.amount(metric, slide.needed_per_workday);
      const key = slide.workdays_left === 1 ? 'goal.needed.one' : kit.scale > 1.1 ? 'goal.needed.short' : 'goal.needed';
      found.push(['needed', words.say(key, {amount, days: slide.workdays_left})]);
    }
    if (slide.today?.amount) found.push(['gained', words.say('today', {amount: say.signed(metric, slide.today.amount)})]);
    return found.filter(Boolean);
  }

  function arcs(slide) {
    const whole = Math.max(slide.goal, slide.amount, 1), pieces = slide.teams.length ? slide.teams : [{...slide.team, amount: slide.amount}];
    const made = [circle('track', 0, 1)];
    let from = 0;
    for (const each of pieces) {
      const part = Math.max(0, each.amount ?? 0) / whole;
      if (part > 0) made.push(colored(circle('arc', from, part), each.color));
      from += part;
    }
    const expected = slide.expected === null || slide.expected === undefined ? null : Math.min(1, slide.expected / whole);
    if (expected !== null) made.push(tick(expected));
    ring.setAttribute('aria-label', kit.words.say('goal.read', {percent: kit.words.percent(slide.percent)}));
    ring.replaceChildren(...made);
  }

  function circle(kind, from, part) {
    const dash = `${(part * ROUND).toFixed(2)} ${ROUND.toFixed(2)}`;
    return drawing('circle', {
      class: kind, cx: 100, cy: 100, r: RADIUS, 'stroke-dasharray': dash, 'stroke-dashoffset': (-from * ROUND).toFixed(2),
      transform: 'rotate(-90 100 100)',
    });
  }

  function colored(arc, color) {
    if (color) arc.style.stroke = color;
    return arc;
  }

  function tick(part) {
    return drawing('line', {class: 'tick', x1: 100, x2: 100, y1: 3, y2: 29, transform: `rotate(${(360 * part).toFixed(2)} 100 100)`});
  }

  return {draw};
}
