// Movement: rows that change places, numbers that count up. None of it for whoever asked for less of it.

const LONGEST = 600;
const still = matchMedia('(prefers-reduced-motion: reduce)');

// Lets `change` rearrange the children of `list`, then moves each from where it was to where it is.
export function rearrange(list, animated, change) {
  const before = new Map([...list.children].map(row => [row, row.getBoundingClientRect()]));
  change();
  if (!animated || still.matches) return;
  for (const row of list.children) {
    const from = before.get(row), to = row.getBoundingClientRect();
    if (!from || (from.top === to.top && from.left === to.left)) continue;
    row.animate(
      [{transform: `translate(${from.left - to.left}px, ${from.top - to.top}px)`}, {transform: 'none'}],
      {duration: LONGEST, easing: 'cubic-bezier(.22, .8, .24, 1)'},
    );
  }
}

// Counts what `element` shows from its present number up to `goal`; `write` puts a number into words.
export function count(element, goal, animated, write) {
  const from = element.number;
  element.number = goal;
  if (!animated || still.matches || from === undefined || from === goal) {
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
  if (still.matches) return;
  element.animate([{opacity: 0.25}, {opacity: 1}, {opacity: 0.55}, {opacity: 1}], {duration: 1200, easing: 'ease-out'});
}
