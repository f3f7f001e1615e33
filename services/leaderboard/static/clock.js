// A clock that nobody can set: a TV box may have none that is right, and corrects it while the page is shown.

export const steady = () => performance.timeOrigin + performance.now();

const NOTICED = 5000;
let apart = Date.now() - steady();

// Tells whether the machine's clock was set, or the machine slept, since the last time this was asked.
export function jumped() {
  const now = Date.now() - steady(), before = apart;
  apart = now;
  return Math.abs(now - before) > NOTICED;
}
