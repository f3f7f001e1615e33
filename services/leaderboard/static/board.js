// Draws a state: the same rows are kept and changed, so that they can move and their numbers can count.

import {count, glow, rearrange} from './motion.js';

const find = id => document.getElementById(id);
const MOST_BAR = 150; // percent; whoever has more fills the bar, and the text says how much
const PARTS = ['rank', 'move', 'badge', 'name', 'score', 'unit', 'of', 'today', 'gap', 'bar'];

export function board(words, scale) {
  const {say} = words;
  const rows = new Map();

  // Returns how the teams are laid out and how many fit, from the sizes of the style sheet.
  function room(teams, targets) {
    const free = 894 - (130 + 60 + (targets ? 92 : 0)) * scale;
    if (teams.length <= 2) return {layout: 'duel', most: 2};
    if (teams.length * (130 * scale + 14) <= free) return {layout: 'tall', most: teams.length};
    return {layout: 'compact', most: Math.max(1, Math.floor(free / (66 * scale + 8)))};
  }

  function draw(state, now, animated) {
    const broken = state.notice;
    const name = state.organisation?.name ?? '';
    find('organisation').textContent = name;
    find('organisation').style.setProperty('--chars', name.length);
    find('notice').hidden = !broken;
    for (const id of ['teams', 'wins', 'countdown']) find(id).hidden = Boolean(broken);
    find('goal').hidden = true;
    if (broken) return notice(broken);
    const targets = state.teams.some(team => team.goal), {layout, most} = room(state.teams, targets);
    find('screen').dataset.layout = layout;
    head(state);
    ranking(state, state.teams.slice(0, most), animated);
    goal(state, targets, Math.min(most, state.teams.length));
    wins(state, now);
  }

  function notice({key, detail}) {
    const [title, text, hint] = find('notice').children;
    find('title').textContent = 'Samenspel';
    title.textContent = say(`notice.${key}.title`);
    text.textContent = say(`notice.${key}.text`);
    hint.textContent = key.startsWith('no_') ? say(`notice.${key}.hint`) : detail ?? '';
    hint.hidden = !hint.textContent;
  }

  function head({metric, by, period}) {
    const label = words.label(metric), what = say(`by.${by}`, {metric: label[0].toUpperCase() + label.slice(1)});
    const title = `${what} · ${words.period(period)}`;
    find('title').textContent = title;
    find('title').style.setProperty('--chars', title.length);
    document.title = title;
  }

  function ranking(state, teams, animated) {
    const list = find('teams');
    const percents = teams.map(team => team.percent ?? 0);
    const full = Math.min(MOST_BAR, Math.max(100, ...percents));
    const best = Math.max(1, ...teams.map(team => score(state, team) ?? 0));
    rearrange(list, animated, () => {
      for (const [id, row] of rows) if (!teams.some(team => team.id === id)) remove(id, row);
      for (const team of teams) list.append(row(team, state, animated, {full, best, teams}));
    });
    const longest = Math.max(...teams.map(team => written(state, score(state, team)).length));
    list.style.setProperty('--chars', longest);
    list.style.setProperty('--rows', teams.length);
  }

  function remove(id, row) {
    row.item.remove();
    rows.delete(id);
  }

  function row(team, state, animated, bars) {
    const {teams} = bars;
    const known = rows.get(team.id) ?? create(team.id);
    const {item} = known;
    item.style.setProperty('--team', team.color);
    known.badge.textContent = team.letter;
    known.name.textContent = team.name;
    rank(known, team);
    item.classList.toggle('first', team.rank === 1 && teams.filter(each => each.rank === 1).length === 1);
    count(known.score, score(state, team), animated, value => written(state, value));
    known.unit.textContent = unit(state);
    ofGoal(known.of, state, team);
    today(known, team, state, animated);
    gap(known, team, state, teams);
    bar(known.bar, team, state, bars);
    return item;
  }

  function create(id) {
    const item = document.createElement('li');
    item.className = 'team';
    const made = {item};
    for (const part of PARTS) {
      made[part] = document.createElement(part === 'name' ? 'h2' : 'div');
      made[part].className = part;
      item.append(made[part]);
    }
    made.score.classList.add('figure');
    made.bar.append(piece('fill'), piece('mark'));
    rows.set(id, made);
    return made;
  }

  function rank(known, {rank: place, prev_rank: before}) {
    known.rank.textContent = place ?? '–';
    known.rank.setAttribute('role', 'img');
    known.rank.setAttribute('aria-label', place ? say('rank', {rank: place}) : say('rank.none'));
    const climbed = place && before ? before - place : 0;
    known.move.className = `move ${climbed > 0 ? 'up' : climbed < 0 ? 'down' : ''}`;
    known.move.replaceChildren();
    known.move.hidden = !climbed;
    known.item.classList.toggle('moved', Boolean(climbed));
    if (!climbed) return;
    const places = Math.abs(climbed);
    known.move.append(piece('arrow'), String(places));
    known.move.setAttribute('role', 'img');
    known.move.setAttribute('aria-label', say(climbed > 0 ? 'up' : 'down', {places}));
  }

  function score({by}, team) {
    return {total: team.amount, per_fte: team.per_fte, attainment: team.percent}[by];
  }

  function written({by, metric}, value) {
    if (value === null || value === undefined) return '–';
    return by === 'attainment' ? words.percent(value) : words.amount(metric, value);
  }

  function unit({by, metric}) {
    if (by === 'attainment') return say('unit.goal');
    const counted = metric.money ? '' : words.label(metric);
    return [counted, by === 'per_fte' ? say('unit.fte') : ''].filter(Boolean).join(' ');
  }

  function ofGoal(element, state, {percent, goal: target}) {
    const {metric, by} = state;
    if (!target) return element.replaceChildren(piece('counted', unit(state)));
    const share = by === 'attainment' ? '' : words.percent(percent); // there the score says it
    element.replaceChildren(piece('percent', share), piece('target', say('of_goal', {goal: words.amount(metric, target)})));
  }

  function signed(metric, value) {
    return `${value < 0 ? '−' : '+'}${words.amount(metric, Math.abs(value))}`;
  }

  function today(known, {today: gained}, {metric}, animated) {
    const grown = gained && gained.amount > (known.today.amount ?? Infinity);
    known.today.amount = gained?.amount;
    known.today.classList.toggle('gained', Boolean(gained?.amount > 0));
    known.today.textContent = gained ? gainedToday(metric, gained.amount) : '';
    if (gained?.wins && metric.id !== 'deals') known.today.append(piece('deals', ` · ${deals(gained.wins)}`));
    if (grown && animated) glow(known.today);
  }

  function gainedToday(metric, amount) {
    if (!amount) return tight() ? '' : say('today.nothing');
    return say(tight() ? 'today.short' : 'today', {amount: signed(metric, amount)});
  }

  // Whether type is so large that a row has no room for words; the line of the common goal then says what + means.
  function tight() {
    return find('screen').dataset.layout === 'compact' && scale > 1.1;
  }

  function deals(number) {
    return number === 1 ? say('deals.one') : say('deals.more', {count: number});
  }

  function gap(known, team, state, teams) {
    const other = teams.find(each => each.id !== team.id), mine = score(state, team);
    known.gap.textContent = '';
    if (teams.length !== 2 || state.by === 'attainment' || !other || mine === null) return;
    const ahead = mine - (score(state, other) ?? 0), amount = written(state, Math.abs(ahead));
    known.gap.textContent = ahead ? say(ahead > 0 ? 'lead' : 'trail', {amount}) : say('level');
  }

  function bar(element, team, state, {full, best}) {
    const [fill, mark] = element.children, expected = state.period.expected_percent;
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', team.pace ? say(`pace.${team.pace}`, {percent: words.percent(team.percent)}) : team.name);
    const filled = team.percent === null ? (score(state, team) ?? 0) / best : team.percent / full;
    fill.style.width = `${100 * Math.min(1, Math.max(0, filled))}%`;
    mark.hidden = team.percent === null || expected === null;
    mark.style.left = `${(100 * (expected ?? 0)) / full}%`;
  }

  function goal(state, shown, drawn) {
    const {shared_goal: together, period} = state, hidden = state.teams_total - drawn;
    find('goal').hidden = !shown;
    const percent = period.expected_percent;
    find('legend').textContent = '';
    if (percent !== null) {
      const key = period.state === 'open' && !tight() ? 'legend' : 'legend.short';
      find('legend').append(piece('mark'), say(key, {...period.workdays, percent: words.percent(percent)}));
    }
    const more = hidden > 0 && say(hidden === 1 ? 'more_teams.one' : 'more_teams', {count: hidden});
    const line = together && say(tight() || more ? 'together.short' : 'together', {percent: words.percent(together.percent), goal: words.amount(state.metric, together.goal)});
    find('together').textContent = [line, tight() && say('plus'), more].filter(Boolean).join(' · ');
    const [fill, mark] = find('goal').querySelector('.bar').children;
    find('goal').querySelector('.bar').hidden = !together;
    if (!together) return;
    const full = Math.max(100, Math.min(MOST_BAR, together.percent));
    fill.style.width = `${Math.min(100, (100 * together.percent) / full)}%`;
    mark.hidden = percent === null;
    mark.style.left = `${(100 * (percent ?? 0)) / full}%`;
  }

  function wins(state, now) {
    const line = find('wins');
    line.replaceChildren(piece('label', say(state.wins.length ? 'wins' : 'wins.none')));
    for (const win of state.wins) line.append(won(win, state.organisation.zone, now));
    fit(line);
  }

  // Shows as many wins as there is room for, the newest at any rate.
  function fit(line) {
    const [label, ...others] = line.children;
    for (const part of line.children) part.hidden = false;
    for (const win of others.slice(1).reverse()) win.hidden ||= line.scrollWidth > line.clientWidth;
    label.hidden = others.length > 0 && line.scrollWidth > line.clientWidth;
  }

  function won(win, zone, now) {
    const shown = piece('win');
    if (win.letter) {
      const badge = piece('badge', win.letter);
      badge.style.setProperty('--team', win.color);
      shown.append(badge);
    }
    const who = win.rep ? `${win.team} · ${win.rep}` : win.team;
    shown.append(piece('who', who), piece('at', words.when(new Date(win.at), now, zone)));
    return shown;
  }

  new ResizeObserver(([{target}]) => target.children.length && fit(target)).observe(find('wins'));
  return {draw, notice: key => draw({notice: key, organisation: null}, new Date(), false)};
}

function piece(name, text = '') {
  const made = document.createElement(['fill', 'mark', 'arrow'].includes(name) ? 'i' : 'span');
  made.className = name;
  made.textContent = text;
  return made;
}
