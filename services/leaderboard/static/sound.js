// The sound of a celebration: four notes, two seconds, made here. Only where it is switched on, at most once a minute.

import {steady} from './clock.js';

const NOTES = [523.25, 659.25, 783.99, 1046.5]; // C, E, G, C
const APART = 0.16, RINGS = 1.2, SELDOM = 60_000;

export function bell() {
  let context = null, playedAt = -SELDOM;

  // Browsers make no sound before somebody touched the page, unless they were started so.
  function prepare() {
    context ??= new AudioContext();
    if (context.state === 'suspended') context.resume().catch(() => {});
    return context;
  }

  function play(volume) {
    if (steady() - playedAt < SELDOM || prepare().state !== 'running') return;
    playedAt = steady();
    NOTES.forEach((pitch, i) => ring(pitch, context.currentTime + 0.03 + APART * i, volume));
  }

  function ring(pitch, at, volume) {
    for (const [times, part] of [[1, 1], [2, 0.28], [3, 0.1]]) {
      const tone = new OscillatorNode(context, {frequency: pitch * times}), loud = new GainNode(context, {gain: 0});
      loud.gain.setValueAtTime(0, at);
      loud.gain.linearRampToValueAtTime(0.3 * part * volume, at + 0.012);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + RINGS);
      tone.connect(loud).connect(context.destination);
      tone.start(at);
      tone.stop(at + RINGS);
    }
  }

  return {play, prepare, muted: () => context !== null && context.state !== 'running'};
}
