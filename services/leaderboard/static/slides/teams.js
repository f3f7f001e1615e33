// A race of teams: rows that change places, bars towards the goal.

import {count, glow, rearrange} from '../motion.js';
import {badge, bar, fill, make, number} from '../parts.js';
import {duel} from './duel.js';

const MOST_BAR = 150; // percent; whoever has more fills the bar, and the text says how much

export function teams(host, kit) {
  const rows = new Map(), list = make('ol.teams'), goal = together();
  list.id = 'teams';
  host.append(list, goal.box);
  let pair = null;

  function draw(slide, animated) {
    if (slide.teams.length === 2) return drawPair(slide, animated);
    if (pair) host.replaceChildren(list, goal.box);
    pair = null;
    const {layout, most} = room(slide.teams, Boolean(slide.shared_goal), kit.scale);
    const state = {...slide, layout, tight: layout === 'compact' && kit.scale > 1.1, teams: slide.teams.slice(0, most)};
    host.dataset.layout = layout;
    ranking(state, animated);
    goal.draw(state, kit, slide.teams_total - state.teams.length);
    return {title: kit.say.title(slide), period: slide.period};
  }

  function drawPair(slide, animated) {
    if (!pair) {
      host.replaceChildren();
      pair = duel(host, kit);
    }
    return pair.draw({...slide, lead: difference(slide, kit)}, animated);
  }

  function ranking(state, animated) {
    const full = Math.min(MOST_BAR, Math.max(100, ...state.teams.map(team => team.percent ?? 0)));
    const best = Math.max(1, ...state.teams.map(team => kit.say.score(state.by, team) ?? 0));
    rearrange(list, animated, () => {
      for (const [id, row] of rows) {
        if (state.teams.some(team => team.id === id)) continue;
        row.item.remove();
        rows.delete(id);
      }
      for (const team of state.teams) list.append(row(team, state, animated, {full, best}));
    });
    const {score, written} = kit.say;
    number(list, '--chars', Math.max(...state.teams.map(team => written(state.metric, state.by, score(state.by, team)).length)));
    number(list, '--rows', state.teams.length);
  }

  function row(team, state, animated, bars) {
    const known = rows.get(team.id) ?? create(team), {item} = known, {score, written} = kit.say;
    number(item, '--team', team.color);
    known.name.textContent = team.name;
    rank(known, team, kit.words.say);
    item.classList.toggle('first', team.rank === 1 && state.teams.filter(each => each.rank === 1).length === 1);
    count(known.score, score(state.by, team), animated, value => written(state.metric, state.by, value));
    ofGoal(known.of, state, team);
    today(known.today, team, state, animated);
    towards(known.bar, team, state, bars);
    return item;
  }

  function create(team) {
    const made = {
      rank: make('div.rank'), move: make('div.move'), badge: badge(team), name: make('h2.name.fit'),
      score: make('div.score.figure'), of: make('div.of'), today: make('div.today'), bar: bar(),
    };
    made.item = make('li.team.enter', ...Object.values(made));
    rows.set(team.id, made);
    return made;
  }

  function ofGoal(element, {metric, by}, {percent, goal: target}) {
    if (!target) return element.replaceChildren(make('span.counted', kit.say.unit(metric, by)));
    const share = by === 'attainment' ? '' : kit.words.percent(percent); // there the score says it
    const of = kit.words.say('of_goal', {goal: kit.words.amount(metric, target)});
    element.replaceChildren(make('span.percent', share), make('span.target', of));
  }

  function today(element, {today: gained}, {metric, tight}, animated) {
    const grown = gained && gained.amount > (element.amount ?? Infinity);
    element.amount = gained?.amount;
    element.classList.toggle('gained', gained?.amount > 0);
    const amount = gained?.amount && kit.say.signed(metric, gained.amount);
    if (!gained || (!amount && tight)) element.textContent = '';
    else element.textContent = amount ? kit.words.say(tight ? 'today.short' : 'today', {amount}) : kit.words.say('today.nothing');
    if (grown && animated) glow(element);
  }

  function towards(element, team, state, {full, best}) {
    const expected = state.period.expected_percent, measured = team.percent !== null;
    const part = measured ? team.percent / full : (kit.say.score(state.by, team) ?? 0) / best;
    const text = team.pace ? kit.words.say(`pace.${team.pace}`, {percent: kit.words.percent(team.percent)}) : team.name;
    fill(element, part, measured && expected !== null ? expected / full : null, text);
  }

  return {draw};
}

// How the teams are laid out and how many fit, from the sizes of the style sheet.
function room(all, targets, scale) {
  const free = 894 - (130 + 60 + (targets ? 92 : 0)) * scale;
  if (all.length * (130 * scale + 14) <= free) return {layout: 'tall', most: all.length};
  return {layout: 'compact', most: Math.max(1, Math.floor(free / (66 * scale + 8)))};
}

function difference({by, teams: [one, other]}, kit) {
  const mine = kit.say.score(by, one), theirs = kit.say.score(by, other);
  if (mine === null || theirs === null) return null;
  return {team: mine === theirs ? null : mine > theirs ? one.id : other.id, difference: Math.abs(mine - theirs)};
}

export function rank(known, {rank: place, prev_rank: before}, say) {
  known.rank.textContent = place ?? '–';
  known.rank.setAttribute('role', 'img');
  known.rank.setAttribute('aria-label', place ? say('rank', {rank: place}) : say('rank.none'));
  const climbed = place && before ? before - place : 0, places = Math.abs(climbed);
  known.move.className = `move ${climbed > 0 ? 'up' : climbed < 0 ? 'down' : ''}`.trim();
  known.move.hidden = !climbed;
  known.item.classList.toggle('moved', Boolean(climbed));
  known.move.replaceChildren(...(climbed ? [make('i.arrow'), String(places)] : []));
  if (!climbed) return known.move.removeAttribute('role');
  known.move.setAttribute('role', 'img');
  known.move.setAttribute('aria-label', say(climbed > 0 ? 'up' : 'down', {places}));
}

// What all do together, and what the mark in the bars means.
export function together() {
  const line = make('p.together'), legend = make('p.legend'), whole = bar(), box = make('section.goal.enter', line, legend, whole);
  line.id = 'together';
  legend.id = 'legend';

  function draw({shared_goal: goal, period, metric, tight, teams: shown}, {words, say}, hidden = 0) {
    const marked = shown.some(team => team.percent !== null) || goal, text = marked ? say.legend(period, tight) : '';
    legend.replaceChildren(...(text ? [make('i.mark'), text] : []));
    const huge = document.documentElement.classList.contains('huge');
    if (huge) legend.replaceChildren();
    const more = hidden > 0 ? words.say(hidden === 1 ? 'more_teams.one' : 'more_teams', {count: hidden}) : null;
    const key = tight || more ? 'together.short' : 'together';
    const sum = goal && words.say(key, {percent: words.percent(goal.percent), goal: words.amount(metric, goal.goal)});
    line.textContent = [sum, tight && !huge && !more && words.say('plus'), more].filter(Boolean).join(' · ');
    box.hidden = !line.textContent && !text;
    whole.hidden = !goal;
    if (!goal) return;
    const full = Math.max(100, Math.min(MOST_BAR, goal.percent)), expected = period.expected_percent;
    fill(whole, goal.percent / full, expected === null ? null : expected / full, line.textContent);
  }

  return {box, draw};
}
