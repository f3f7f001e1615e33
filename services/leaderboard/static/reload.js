// Loading the page again: for a new version, and once a day, when nothing happens.

import {steady} from './clock.js';

const SPREAD = 60_000, SELDOM = 600_000, EARLY = '04:00';

export function reloading(isCalm) {
  let waiting = false;

  // Taken over when nothing happens, not by all screens at once, and not again and again.
  function reloadWhenCalm() {
    const last = Number(sessionStorage.getItem('samenspel.reloaded') ?? 0);
    if (waiting || Date.now() - last < SELDOM) return;
    waiting = true;
    const due = steady() + Math.random() * SPREAD;
    const timer = setInterval(() => {
      if (steady() < due || !isCalm()) return;
      clearInterval(timer);
      waiting = false;
      sessionStorage.setItem('samenspel.reloaded', Date.now());
      reload();
    }, 1000);
  }

  // Loads the page if it is there: a browser that met an error page instead would stay with it for ever.
  async function reload() {
    try {
      const answer = await fetch(location.href, {method: 'HEAD', cache: 'no-store'});
      if (answer.status < 500) location.reload();
    } catch { /* not now */ }
  }

  const loadedAt = steady();

  function daily(clock) {
    if (clock === EARLY && steady() - loadedAt > 2 * 36e5) reloadWhenCalm();
  }

  return {reload, reloadWhenCalm, daily};
}
