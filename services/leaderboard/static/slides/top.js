// The three best, and the three who improved most. Never the last ones.

import {face, make, number} from '../parts.js';

let turn = 0; // where there is room for one column only, they take turns

export function top(host, kit) {
  turn++;
  const best = make('section.column.best'), improved = make('section.column.improved');
  host.append(best, improved);

  function draw(slide) {
    const {words, say} = kit, {metric, by} = slide;
    column(best, words.say('top.best'), slide.best, place => [say.written(metric, by, say.score(by, place)), '']);
    column(improved, words.say('top.improved'), slide.improved, place => [say.signed(metric, place.gain), 'up']);
    const one = kit.scale > 1.35 && slide.best.length && slide.improved.length;
    improved.hidden = !slide.improved.length || (one && turn % 2 === 1);
    best.hidden = !slide.best.length || (one && turn % 2 === 0);
    host.dataset.columns = [best, improved].filter(each => !each.hidden).length;
    return {title: say.title(slide), period: slide.period};
  }

  function column(box, title, places, figure) {
    box.replaceChildren(make('h2.kicker.enter', title), make('ol', ...places.map(place => row(place, figure(place)))));
  }

  function row(place, [figure, kind]) {
    const item = make('li.place.enter',
      make('span.medal', String(place.rank)), face(place, kit.files),
      make('div.who', make('p.name.fit', kit.say.who(place)), place.rep && place.team ? make('p.of.fit', place.team.name) : null),
      make(`span.score.figure${kind ? `.${kind}` : ''}`, kind ? make('i.arrow') : null, figure));
    number(item, '--team', place.team?.color ?? 'var(--line)');
    item.dataset.rank = place.rank;
    return item;
  }

  return {draw};
}
