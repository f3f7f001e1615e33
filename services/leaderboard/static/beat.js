// What the screen says of itself once a minute, so that whoever looks after it sees how it does.

import {steady} from './clock.js';

const PACE = 60_000, SOON = 3000, MOST = 10, LONGEST = 300;

export function beats(address, about) {
  const faults = [], loadedAt = steady();

  async function say() {
    const {paired, slide, app} = about();
    if (!paired) return;
    const errors = faults.splice(0);
    const body = {slide, app, viewport: `${innerWidth}x${innerHeight}`, uptime_s: Math.max(0, Math.round((steady() - loadedAt) / 1000)), errors};
    try {
      await fetch(address, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body), signal: AbortSignal.timeout(10_000)});
    } catch {
      faults.unshift(...errors);
    }
  }

  setTimeout(say, SOON);
  setInterval(say, PACE);
  return {fault: text => faults.length < MOST && faults.push(String(text).slice(0, LONGEST))};
}
