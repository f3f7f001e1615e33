// What somebody reached: badges, records, streaks, milestones.

import {face, make, number, sign} from '../parts.js';

export function moments(host, kit) {
  const list = make('ol.moments');
  host.append(list);

  function draw(slide) {
    const shown = slide.moments.slice(0, Math.max(2, Math.floor(4 / Math.max(1, kit.scale * 0.95))));
    list.replaceChildren(...shown.map(row));
    number(list, '--rows', Math.max(2, shown.length));
    return {title: kit.words.say('moments.title')};
  }

  function row(moment) {
    const {words, say} = kit, badge = moment.badge && words.of(moment.badge);
    const item = make('li.moment.enter',
      make('span.seal', sign(moment.kind)),
      make('div.what', make('p.name.fit', badge ?? words.of(moment.label)), make('p.of.fit', badge ? words.of(moment.label) : detail(moment))),
      make('div.whose', face(moment, kit.files), make('span.fit', say.who(moment))));
    number(item, '--team', moment.team?.color ?? 'var(--line)');
    return item;
  }

  function detail({reached, metric, kind, day}) {
    if (kind === 'best' && reached && metric) return kit.words.amount(metric, reached);
    return kit.words.day(day, kit.now(), kit.zone);
  }

  return {draw};
}
