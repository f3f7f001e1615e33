// Celebrations: each interrupts for a moment, none is shown twice, none for what is long ago.

import {count, still} from './motion.js';
import {badge, face, make, number, sign} from './parts.js';
import confetti from './vendor/canvas-confetti.js';

const LASTS = 8000, MANY = 3, WITHIN = 60_000, KEPT = 200, CONFETTI = 2600;
const SHELF = 'samenspel.celebrated';

export function party(box, kit, {allowed, onBegin, onEnd, sound}) {
  const [canvas, card] = box.children, waiting = [], begun = [], seen = new Set(unshelve());
  let shower = null, timer = null;

  function add(event) {
    if (seen.has(event.id)) return;
    seen.add(event.id);
    shelve();
    if (Date.parse(event.expires_at) <= kit.now() || !allowed(event)) return;
    waiting.push(event);
    if (!timer) begin();
  }

  function begin() {
    const fresh = waiting.splice(0).filter(event => Date.parse(event.expires_at) > kit.now());
    while (begun.length && kit.now() - begun[0] > WITHIN) begun.shift();
    if (!fresh.length) return end();
    const merged = fresh.length > 1 && fresh.length + begun.length > MANY;
    const [first, ...others] = fresh;
    if (!merged) waiting.push(...others);
    begun.push(Number(kit.now()));
    show(merged ? together(fresh) : single(first), merged ? null : first);
    timer = setTimeout(begin, LASTS);
  }

  function show(parts, event) {
    if (box.hidden) onBegin();
    box.hidden = false;
    number(box, '--team', event?.color ?? 'var(--gold)');
    card.replaceChildren(...parts);
    kit.fit(box);
    if (!still()) {
      card.animate([{opacity: 0, transform: 'scale(.86)'}, {opacity: 1, transform: 'none'}], {duration: 520, easing: 'cubic-bezier(.2, 1.4, .4, 1)'});
      rain(event?.color);
    }
    sound();
  }

  function end() {
    timer = null;
    if (box.hidden) return;
    shower?.reset();
    box.hidden = true;
    onEnd();
  }

  function single(event) {
    const {words, say} = kit, amount = event.amount && event.unit ? make('p.sum.figure') : null;
    if (amount) {
      amount.number = 0;
      count(amount, event.amount, true, value => words.amount(event.unit, value));
    }
    const subject = {team: event.team && {name: event.team, letter: event.letter, color: event.color}, rep: event.rep, avatar: event.avatar};
    return [
      make('div.emblem', event.avatar ? face(subject, kit.files) : event.kind === 'deal' && subject.team ? badge(subject.team) : sign(event.kind === 'milestone' ? 'milestone' : 'trophy')),
      make('h2.name.fit', event.rep ?? event.team ?? words.say('nobody')),
      event.rep && event.team ? make('p.of.fit', event.team) : null,
      make('p.headline.fit', words.of(event.headline)),
      amount,
    ].filter(Boolean);
  }

  // More than a few at once become one: how many, and for whom.
  function together(events) {
    const {words} = kit, names = [...new Map(events.filter(each => each.team).map(each => [each.team, each])).values()].slice(0, 6);
    return [
      make('p.total.figure', String(events.length)),
      make('p.headline.fit', words.say('party.many')),
      make('ul.names', ...names.map(each => make('li', badge({letter: each.letter, color: each.color}), each.team))),
    ];
  }

  function rain(color) {
    shower ??= confetti.create(canvas, {useWorker: false, resize: true, disableForReducedMotion: true});
    const colors = [color ?? '#ffd84d', '#f2f5fa', '#ffd84d', '#7cf0d0', '#ff9bb3'], until = performance.now() + CONFETTI;
    const size = innerHeight / 1080;
    const shoot = (angle, x) => shower({particleCount: 26, angle, spread: 62, startVelocity: 62 * size, gravity: 0.9 * size, scalar: 2.3 * size, ticks: 220, origin: {x, y: 0.95}, colors});
    (function again() {
      if (box.hidden || performance.now() > until) return;
      shoot(62, 0.02);
      shoot(118, 0.98);
      setTimeout(again, 420);
    })();
  }

  function shelve() {
    try {
      localStorage.setItem(SHELF, JSON.stringify([...seen].slice(-KEPT)));
    } catch { /* after a restart one might be shown again, until it expires */ }
  }

  function unshelve() {
    try {
      return JSON.parse(localStorage.getItem(SHELF)) ?? [];
    } catch {
      return [];
    }
  }

  return {add, busy: () => timer !== null};
}
