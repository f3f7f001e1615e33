// The deals won last, the newest large.

import {count, rearrange} from '../motion.js';
import {face, make, number} from '../parts.js';

export function wins(host, kit) {
  const rows = new Map(), list = make('ol.deals'), total = make('strong.figure'), word = make('span');
  const today = make('p.tally.enter', total, word);
  host.append(list, today);

  function draw(slide, animated) {
    const shown = slide.wins.slice(0, most());
    rearrange(list, animated, () => {
      for (const [id, item] of rows) if (!shown.some(win => win.id === id)) { item.remove(); rows.delete(id); }
      for (const win of shown) list.append(rows.get(win.id) ?? row(win));
    });
    [...list.children].forEach((item, i) => item.classList.toggle('first', i === 0));
    number(list, '--rows', Math.max(3, shown.length));
    count(total, slide.today, animated, String);
    word.textContent = kit.words.say(slide.today === 1 ? 'wins.today.one' : 'wins.today');
    const tally = kit.scale > 1.1 ? ` · ${slide.today} ${kit.words.say('day.today')}` : '';
    return {title: kit.words.say('wins.title') + tally};
  }

  const most = () => (kit.scale < 1 ? 6 : Math.max(3, Math.floor(5.6 / kit.scale)));

  function row(win) {
    const {words, say} = kit, amount = win.amount && win.metric ? words.amount(win.metric, win.amount) : '';
    const item = make('li.deal.enter',
      face(win, kit.files), make('span.name.fit', say.both(win)), make('span.at', words.when(new Date(win.at), kit.now(), kit.zone)), make('span.score.figure', amount));
    number(item, '--team', win.team?.color ?? 'var(--line)');
    rows.set(win.id, item);
    return item;
  }

  return {draw};
}
