// Plays the slides of a playlist one after the other. What cannot be drawn is passed over and reported.

import {steady} from './clock.js';
import {enter, leave} from './motion.js';
import {fitAll, make} from './parts.js';
import {slides as kinds} from './slides/index.js';

const CALM = 5000; // places change at most once in so many milliseconds

export function player(stage, kit, {onShown, onFault}) {
  const failed = new Set();
  let all = [], at = -1, shown = null, began = steady(), held = 0, heldAt = null, paused = false, order = '', orderedAt = 0, later = null;

  const playable = i => all[i] && !all[i].notice && kinds[all[i].type] && !failed.has(i);
  const several = () => all.filter((_, i) => playable(i)).length > 1;

  // Takes a newer state over: the slide that is shown is changed in place.
  function set(slides, animated) {
    const same = slides.length === all.length && slides.every((slide, i) => slide.type === all[i].type);
    all = slides;
    if (!same) failed.clear();
    if (same && shown && playable(at)) draw(animated);
    else go(playable(at) && same ? at : firstFrom(same ? at : 0, 1), animated);
  }

  function firstFrom(start, step) {
    for (let i = 0; i < all.length; i++) {
      const candidate = (((start + step * i) % all.length) + all.length) % all.length;
      if (playable(candidate)) return candidate;
    }
    return -1;
  }

  function go(next, moving = true) {
    at = next;
    began = steady();
    held = 0;
    heldAt &&= began;
    const old = shown;
    if (next < 0) return clear();
    const host = make(`div.slide.slide-${all[next].type}`);
    shown = {type: all[next].type, host, slide: null};
    try {
      shown.slide = kinds[shown.type](host, kit);
      stage.append(host);
      present(old, host, draw(false), moving);
    } catch (error) {
      fault(error, old);
    }
  }

  function present(old, host, drawn, moving) {
    if (!drawn || !old) {
      old?.host.remove();
      if (drawn && moving) enter(host);
      return;
    }
    host.hidden = moving;
    const show = () => {
      old.host.remove();
      host.hidden = false;
      fitAll(host);
      if (moving) enter(host);
    };
    if (moving) leave(old.host).then(show);
    else show();
  }

  function draw(animated) {
    const slide = all[at], wanted = (slide.teams ?? slide.places ?? []).map(each => each.id ?? each.team?.id).join();
    clearTimeout(later);
    if (animated && wanted !== order && steady() - orderedAt < CALM) {
      later = setTimeout(() => draw(true), CALM - (steady() - orderedAt));
      return true;
    }
    if (wanted !== order) orderedAt = animated ? steady() : 0;
    order = wanted;
    try {
      const head = shown.slide.draw(slide, animated);
      fitAll(shown.host);
      onShown(slide, head);
      return true;
    } catch (error) {
      fault(error, null);
      return false;
    }
  }

  function fault(error, old) {
    failed.add(at);
    old?.host.remove();
    onFault(`${all[at].type}: ${error.message}`);
    go(firstFrom(at + 1, 1));
  }

  function clear() {
    stage.replaceChildren();
    shown = null;
    onShown(null, null);
  }

  function step(by) {
    if (several()) go(firstFrom(at + by, by));
  }

  // Called every second: goes on when the slide's time is over.
  function tick() {
    if (heldAt || paused || !shown || document.hidden) return;
    if (steady() - began - held >= all[at].seconds * 1000) step(1);
  }

  function hold() {
    heldAt ??= steady();
  }

  function resume() {
    if (heldAt) held += steady() - heldAt;
    heldAt = null;
  }

  function pause() {
    paused = !paused;
    if (paused) hold();
    else resume();
    return paused;
  }

  return {
    set, tick, hold, pause,
    resume: () => !paused && resume(),
    next: () => step(1),
    back: () => step(-1),
    redraw: () => shown && playable(at) && draw(false),
    refit: () => shown && fitAll(shown.host),
    paused: () => paused,
    // Which of how many slides is shown, and how much of its time has passed (0 to 1).
    place() {
      const seconds = all[at]?.seconds ?? 1, now = heldAt ?? steady();
      return {
        type: shown?.type ?? null, many: all.filter((_, i) => playable(i)).length,
        index: all.slice(0, Math.max(0, at)).filter((_, i) => playable(i)).length, part: (now - began - held) / (1000 * seconds),
      };
    },
  };
}
