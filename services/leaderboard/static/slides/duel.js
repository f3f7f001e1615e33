// Two teams face to face, and a rope between them that each pulls to its side.

import {count, glow} from '../motion.js';
import {badge, bar, fill, make, number} from '../parts.js';

const FURTHEST = 0.86; // of the rope, however far one is ahead

export function duel(host, kit) {
  host.dataset.layout = 'duel';
  const sides = new Map(), list = make('ol.teams'), lead = make('p.together'), legend = make('p.legend');
  list.id = 'teams';
  lead.id = 'together';
  legend.id = 'legend';
  const rope = make('div.rope', make('i.pull'), make('i.pull'), make('i.knot'));
  rope.setAttribute('role', 'img');
  host.append(list, make('section.between.enter', lead, legend, rope));

  function draw(slide, animated) {
    // one day a team stands on the left, the next day on the right: nothing burns in
    const pair = kit.day() % 2 ? [...slide.teams].reverse() : slide.teams;
    if (list.dataset.pair !== pair.map(team => team.id).join()) {
      sides.clear();
      list.replaceChildren(...pair.map(create));
      list.dataset.pair = pair.map(team => team.id).join();
    }
    const texts = pair.map(team => kit.say.written(slide.metric, slide.by, kit.say.score(slide.by, team)));
    number(list, '--chars', Math.max(...texts.map(text => text.length)));
    for (const team of pair) side(team, slide, animated);
    between(pair, slide);
    return {title: kit.say.title(slide), period: slide.period};
  }

  function create(team) {
    const made = {
      badge: badge(team), name: make('h2.name.fit'), crown: make('span.crown'), score: make('div.score.figure'), unit: make('div.unit'),
      bar: bar(), of: make('div.of'), today: make('div.today'),
    };
    made.item = make('li.team.enter', ...Object.values(made));
    number(made.item, '--team', team.color);
    sides.set(team.id, made);
    return made.item;
  }

  function side(team, slide, animated) {
    const known = sides.get(team.id), {metric, by, lead: first, period} = slide, {say, words} = kit;
    known.item.classList.toggle('first', first?.team === team.id);
    known.name.textContent = team.name;
    count(known.score, say.score(by, team), animated, value => say.written(metric, by, value));
    known.unit.textContent = say.unit(metric, by);
    const full = Math.max(100, ...slide.teams.map(each => each.percent ?? 0)), expected = period.expected_percent;
    known.bar.hidden = known.of.hidden = team.percent === null;
    const share = by === 'attainment' ? '' : words.percent(team.percent ?? 0);
    if (team.goal) known.of.textContent = share + words.say('of_goal', {goal: words.amount(metric, team.goal)});
    const pace = team.pace ? words.say(`pace.${team.pace}`, {percent: words.percent(team.percent)}) : team.name;
    fill(known.bar, (team.percent ?? 0) / full, expected === null ? null : expected / full, pace);
    today(known.today, team, metric, animated);
  }

  function ahead(slide) {
    const {lead: first, by, teams} = slide, {say} = kit.words;
    if (!first) return '';
    if (!first.team) return say('level');
    const amount = by === 'attainment' ? say('points', {count: Math.round(first.difference)}) : kit.say.written(slide.metric, by, first.difference);
    return say('ahead', {team: teams.find(team => team.id === first.team).name, amount});
  }

  function today(element, {today: gained}, metric, animated) {
    const grown = gained && gained.amount > (element.amount ?? Infinity);
    element.amount = gained?.amount;
    element.classList.toggle('gained', gained?.amount > 0);
    const amount = gained?.amount && kit.say.signed(metric, gained.amount);
    const won = gained?.wins && metric.id !== 'deals' ? ` · ${kit.say.deals(gained.wins)}` : '';
    element.textContent = !gained ? '' : (amount ? kit.words.say('today', {amount}) : kit.words.say('today.nothing')) + won;
    if (grown && animated) glow(element);
  }

  function between(pair, slide) {
    const [left, right] = pair.map(team => Math.max(0, kit.say.score(slide.by, team) ?? 0)), sum = left + right;
    const part = sum ? Math.min(FURTHEST, Math.max(1 - FURTHEST, left / sum)) : 0.5;
    number(rope, '--left', pair[0].color);
    number(rope, '--right', pair[1].color);
    number(rope, '--part', part);
    lead.textContent = ahead(slide);
    const marked = slide.teams.some(team => team.percent !== null), text = marked ? kit.say.legend(slide.period, true) : '';
    legend.replaceChildren(...(text ? [make('i.mark'), text] : []));
    rope.setAttribute('aria-label', lead.textContent);
  }

  return {draw};
}
