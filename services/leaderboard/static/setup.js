// How this screen is set up: what its manager chose, kept for when the server is away; the address overrules it.

const SHELF = 'samenspel.screen';
const LIMITS = [0.8, 1.6];
const USUAL = {id: null, name: '', language: null, theme: 'dark', scale: 1, motion: 'full', sound: {on: false, volume: 0.3, quiet: []}, hours: null, team: null};

export function setup(given, languages) {
  let chosen = {...USUAL, ...unshelve()};

  const language = () => [given.get('lang'), chosen.language, document.documentElement.lang].find(each => languages.includes(each));
  const scale = () => Math.min(LIMITS[1], Math.max(LIMITS[0], Number(given.get('scale')) || chosen.scale || 1));

  function take(settings) {
    chosen = {...USUAL, ...settings};
    try {
      localStorage.setItem(SHELF, JSON.stringify(chosen));
    } catch { /* then it looks the usual way until the server answers */ }
    apply();
  }

  function apply() {
    const root = document.documentElement;
    root.lang = language();
    root.dataset.theme = given.get('theme') ?? chosen.theme;
    root.dataset.motion = given.get('motion') ?? chosen.motion;
    root.style.setProperty('--s', scale());
    root.classList.toggle('large', scale() > 1.1); // less is said, so that it can be said larger
    root.classList.toggle('huge', scale() > 1.35);
  }

  return {
    take, apply, language, scale,
    id: () => chosen.id,
    name: () => chosen.name,
    sound: () => chosen.sound,
    // Whether a moment lies outside the hours in which the screen is on, or in those in which it is silent.
    isOff: clock => chosen.hours !== null && !covers(chosen.hours, clock),
    isQuiet: clock => chosen.sound.quiet.some(span => covers(span, clock)),
  };
}

// Whether a span such as 07:30-18:30 covers 08:00; one that ends before it begins goes over midnight.
export function covers(span, clock) {
  const [first, last] = span.split('-');
  return first < last ? first <= clock && clock < last : clock >= first || clock < last;
}

function unshelve() {
  try {
    return JSON.parse(localStorage.getItem(SHELF)) ?? {};
  } catch {
    return {};
  }
}
