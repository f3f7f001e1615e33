// Small parts of the picture, made the same way on every slide.

// Makes `<tag class="…">` of 'tag.class.class' with children: elements or texts; what is null is left out.
export function make(what, ...children) {
  const [tag, ...classes] = what.split('.'), made = document.createElement(tag || 'div');
  made.className = classes.join(' ');
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

export function drawing(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export const number = (element, name, value) => element.style.setProperty(name, value);

// The letter of a team on its colour.
export function badge(team) {
  const made = make('span.badge', team.letter ?? '');
  if (team.color) number(made, '--team', team.color);
  return made;
}

// Who it is about: a person's own picture, else the team's letter.
export function face({team, avatar}, files) {
  if (!avatar) return team ? badge(team) : make('span.badge.nobody', '★');
  const picture = make('img.avatar');
  picture.src = `${files}/avatars/${avatar}.svg`;
  picture.alt = '';
  if (team?.color) number(picture, '--team', team.color);
  return picture;
}

// A bar with a mark; both are told in parts of the whole, 0 to 1; `mark` null: there is none.
export function bar(kind = '') {
  const made = make(`div.bar${kind}`, make('i.fill'), make('i.mark'));
  made.setAttribute('role', 'img');
  return made;
}

export function fill(element, part, mark, text) {
  const [inside, line] = element.children, held = Math.min(1, Math.max(0, part));
  inside.style.width = `${100 * held}%`;
  line.hidden = mark === null;
  line.style.left = `${100 * Math.min(1, mark ?? 0)}%`;
  element.setAttribute('aria-label', text);
}

// Gives texts that would be cut off the size at which they fit: elements of the class `fit`.
export function fitAll(root) {
  const all = [...root.querySelectorAll('.fit')].filter(each => each.checkVisibility());
  for (const each of all) number(each, '--fit', 1);
  const shares = all.map(each => Math.min(1, each.clientWidth / Math.max(1, each.scrollWidth)));
  for (const each of root.querySelectorAll('.fit-box')) fitBox(each);
  all.forEach((each, i) => { if (shares[i] < 1) number(each, '--fit', (shares[i] * 0.985).toFixed(4)); });
}

// A text of several lines: smaller until all of it has room.
function fitBox(element) {
  const room = element.parentElement;
  for (let part = 1; part > 0.4; part *= 0.94) {
    number(element, '--fit', part.toFixed(3));
    if (room.scrollHeight <= room.clientHeight) return;
  }
}

const TROPHY = 'M14 6h20v4h8v4c0 7-4 11-9 12-2 3-4 5-7 6v5h7v5H15v-5h7v-5c-3-1-5-3-7-6-5-1-9-5-9-12v-4h8V6Zm-4 8c0 4 1.500 6 4 7v-7h-4Zm28 0h-4v7c2.500-1 4-3 4-7Z';
const SIGNS = {
  trophy: [TROPHY],
  best: ['M24 4l6 13 14 1.500-10.500 9.500 3 14L24 35l-12.500 7 3-14L4 18.500 18 17Z'],
  streak: ['M26 3c2 8 12 12 12 25 0 9-6 16-14 16S10 37 10 29c0-6 3-10 6-13 1 4 2 6 4 7 0-8 2-15 6-20Z'],
  milestone: ['M10 4h5v40h-5Z', 'M17 6h23l-6 9 6 9H17Z'],
  first: ['M24 3l4.500 16.500L45 24l-16.500 4.500L24 45l-4.500-16.500L3 24l16.500-4.500Z'],
  mute: ['M6 18h9l12-10v32L15 30H6Z', 'M32 18l3-3 5 5 5-5 3 3-5 5 5 5-3 3-5-5-5 5-3-3 5-5Z'],
};

// A small drawing: trophy, best, streak, milestone, first or mute.
export function sign(name) {
  const paths = (SIGNS[name] ?? SIGNS.first).map(d => drawing('path', {d, fill: 'currentColor'}));
  return drawing('svg', {viewBox: '0 0 48 48', class: 'sign', 'aria-hidden': 'true'}, ...paths);
}
