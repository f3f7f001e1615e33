// A contest: what it is about, who leads, and how long it still takes; afterwards the winner.

import {count, rearrange} from '../motion.js';
import {bar, face, fill, make, number, sign} from '../parts.js';

export function contest(host, kit) {
  const rows = new Map(), prize = make('p.prize.enter'), list = make('ol.places'), winner = make('div.winner');
  host.append(prize, winner, list);

  function draw(slide, animated) {
    const {state, prize: promised} = slide.contest, {words} = kit, text = promised && words.of(promised);
    prize.replaceChildren(...(text ? [sign('trophy'), make('span.fit', text)] : []));
    prize.hidden = !text || state === 'ended';
    const over = state === 'ended' && slide.winners.length > 0;
    host.dataset.phase = over ? 'won' : state;
    winner.hidden = !over;
    list.hidden = state === 'ahead' && !slide.places.length;
    if (over) won(slide);
    places(slide, animated, over);
    const {starts_at: from, ends_at: until} = slide.contest;
    const moment = {ahead: {key: 'contest.begins', at: from}, running: {key: 'left', at: until}, ended: {text: words.say('period.ended')}}[state];
    return {title: words.of(slide.contest.label), moment};
  }

  function places(slide, animated, over) {
    const shown = slide.places.slice(over ? slide.winners.length : 0).slice(0, most(over));
    rearrange(list, animated, () => {
      for (const [id, row] of rows) if (!shown.some(place => name(place) === id)) { row.item.remove(); rows.delete(id); }
      for (const place of shown) list.append(row(place, slide, animated));
    });
    number(list, '--rows', Math.max(3, shown.length));
  }

  function most(over) {
    return Math.max(1, Math.floor((over ? 2.4 : 5) / Math.max(1, kit.scale * 0.92)));
  }

  const name = place => place.id;

  function row(place, slide, animated) {
    const id = name(place), known = rows.get(id) ?? create(id, place);
    number(known.item, '--team', place.team?.color ?? 'var(--line)');
    known.rank.textContent = place.rank ?? '–';
    known.item.classList.toggle('first', place.rank === 1);
    known.name.textContent = kit.say.both(place);
    count(known.score, scoreOf(place, slide), animated, value => scoreText(value, slide));
    fill(known.bar, place.share ?? 0, null, `${kit.say.both(place)}: ${scoreText(scoreOf(place, slide), slide)}`);
    return known.item;
  }

  function create(id, place) {
    const made = {rank: make('div.rank'), face: face(place, kit.files), name: make('h2.name.fit'), score: make('div.score.figure'), bar: bar()};
    made.item = make('li.place.enter', ...Object.values(made));
    rows.set(id, made);
    return made;
  }

  const scoreOf = (place, {contest: {scoring}}) => (['total', 'most_improved'].includes(scoring) ? place.amount : place.score);

  function scoreText(value, {contest: {scoring}, metric}) {
    if (value === null || value === undefined) return '–';
    if (scoring === 'percent_of_target') return kit.words.percent(value);
    if (['total', 'most_improved'].includes(scoring)) return kit.words.amount(metric, value);
    return kit.words.decimal(metric, value);
  }

  function won(slide) {
    const best = slide.winners.map(index => slide.places[index]).filter(Boolean), [first] = best, {words, say} = kit;
    number(winner, '--team', best.length === 1 ? first.team?.color ?? 'var(--warn)' : 'var(--warn)');
    const names = best.map(say.both).join(words.say('and')), result = scoreText(scoreOf(first, slide), slide);
    const promised = slide.contest.prize && words.of(slide.contest.prize);
    winner.replaceChildren(
      make('div.cup.enter', best.length === 1 && first.avatar ? face(first, kit.files) : sign('trophy')),
      make('div.text',
        make('p.kicker.enter', words.say(best.length > 1 ? 'contest.winners' : 'contest.winner')),
        make('h2.name.fit.enter', names),
        make('p.result.fit.enter', [result, say.unit(slide.metric, 'total')].filter(Boolean).join(' ')),
        promised && kit.scale <= 1.35 ? make('p.result.fit.enter', promised) : null),
    );
  }

  return {draw};
}
