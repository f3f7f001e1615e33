// The foot of the picture: the deals won last, and where in the playlist the screen is.

import {badge, make, number} from './parts.js';

export function footer(kit) {
  const line = document.getElementById('wins'), dots = document.getElementById('progress');

  function latest(state) {
    line.hidden = !state;
    if (!state) return line.replaceChildren();
    line.replaceChildren(make('span.label', kit.words.say(state.latest.length ? 'wins' : 'wins.none')), ...state.latest.map(won));
    fit();
  }

  function won(win) {
    return make('span.win', win.team ? badge(win.team) : null, make('span.who', kit.say.both(win)), make('span.at', kit.words.when(new Date(win.at), kit.now(), kit.zone)));
  }

  // Shows as many wins as there is room for, the newest at any rate.
  function fit() {
    const [label, ...others] = line.children;
    if (!label) return;
    for (const part of line.children) part.hidden = false;
    for (const win of others.slice(1).reverse()) win.hidden ||= line.scrollWidth > line.clientWidth;
    label.hidden = others.length > 0 && line.scrollWidth > line.clientWidth;
  }

  function progress({many, index, part}, paused) {
    document.getElementById('paused').hidden = !paused;
    dots.hidden = many < 2;
    while (dots.children.length > many) dots.lastChild.remove();
    while (dots.children.length < many) dots.append(make('li', make('i')));
    [...dots.children].forEach((dot, i) => {
      dot.className = i < index ? 'done' : i === index ? 'now' : '';
      number(dot, '--part', i < index ? 1 : i === index ? Math.min(1, part).toFixed(3) : 0);
    });
  }

  new ResizeObserver(fit).observe(line);
  return {latest, progress};
}
