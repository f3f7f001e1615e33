// Movement: rows that change places, numbers that count up. None of it for whoever asked for less of it.

const LONGEST = 600;
const EASE = 'cubic-bezier(.22, .8, .24, 1)';
const asked = matchMedia('(prefers-reduced-motion: reduce)');

// Whether the reader's machine or the screen's own setting asks for less movement.
export const still = () => asked.matches || ['reduced', 'off'].includes(document.documentElement.dataset.motion);
const none = () => document.documentElement.dataset.motion === 'off';

// Lets `change` rearrange the children of `list`, then moves each from where it was to where it is.
export function rearrange(list, animated, change) {
  const before = new Map([...list.children].map(row => [row, row.getBoundingClientRect()]));
  change();
  if (!animated || still()) return;
  for (const row of list.children) {
    const from = before.get(row), to = row.getBoundingClientRect();
    if (!from || (from.top === to.top && from.left === to.left)) continue;
    row.animate(
      [{transform: `translate(${from.left - to.left}px, ${from.top - to.top}px)`}, {transform: 'none'}],
      {duration: LONGEST, easing: EASE},
    );
  }
}

// Counts what `element` shows from its present number up to `goal`; `write` puts a number into words.
export function count(element, goal, animated, write) {
  const from = element.number;
  element.number = goal;
  if (!animated || still() || from === undefined || from === null || goal === null || from === goal) {
    element.textContent = write(goal);
    return;
  }
  const began = performance.now();
  function step(now) {
    if (element.number !== goal) return; // a newer number has taken over
    const part = Math.min(1, Math.max(0, (now - began) / LONGEST));
    element.textContent = write(part < 1 ? Math.round(from + (goal - from) * (1 - (1 - part) ** 3)) : goal);
    if (part < 1) requestAnimationFrame(step);
  }
  requestAnimationFrame(step);
}

// Draws the eye once to what has just grown.
export function glow(element) {
  if (still()) return;
  element.animate([{opacity: 0.25}, {opacity: 1}, {opacity: 0.55}, {opacity: 1}], {duration: 1200, easing: 'ease-out'});
}

// Brings a slide on: its parts (of the class `enter`) rise one after the other and its bars grow.
export function enter(slide) {
  if (still()) {
    if (!none() && !asked.matches) slide.animate([{opacity: 0}, {opacity: 1}], {duration: 400});
    return;
  }
  const rise = [{opacity: 0, transform: 'translateY(3vh)'}, {opacity: 1, transform: 'none'}];
  slide.querySelectorAll('.enter').forEach((part, i) => {
    part.animate(rise, {duration: 520, delay: 55 * i, easing: EASE, fill: 'backwards'});
  });
  const grow = [{transform: 'scaleX(0)'}, {transform: 'none'}];
  slide.querySelectorAll('.bar > .fill').forEach((inside, i) => {
    inside.animate(grow, {duration: 900, delay: 150 + 55 * i, easing: EASE, fill: 'backwards'});
  });
}

// Takes a slide away, and is done when it is gone.
export async function leave(slide) {
  if (none() || asked.matches) return;
  await slide.animate([{opacity: 1}, {opacity: 0}], {duration: 240, easing: 'ease-in'}).finished.catch(() => {});
}
