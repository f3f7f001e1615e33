// The office TV: follows the standings, draws them, and never lets old ones pass for live ones.

import {board} from './board.js';
import {steady} from './clock.js';
import {follow} from './stream.js';
import {words as inLanguage} from './words.js';

const screen = document.getElementById('screen');
const given = new URLSearchParams(location.search);
const asked = new URLSearchParams([...given].filter(([name]) => ['metric', 'period', 'by'].includes(name)));
const words = inLanguage(JSON.parse(document.getElementById('texts').textContent), document.documentElement.lang);
const scale = Math.min(1.3, Math.max(0.8, Number(given.get('scale')) || 1));
const drawn = board(words, scale);

const SHELF = `samenspel.tv?${asked}`;
const BEAT = Number(screen.dataset.beat) * 1000;
const STALE = 3 * BEAT, OFFLINE = 20 * BEAT, GRACE = Math.min(5000, BEAT);
const CALM = 10_000, SPREAD = 60_000, SELDOM = 600_000;

// `seen`: the server's time when it last looked at the standings; `ahead`: by how much its clock is ahead of ours
const known = {state: null, seen: null, ahead: 0, version: null, drawnAt: 0, connected: false, refused: false};
const serverNow = () => steady() + known.ahead;

document.documentElement.style.setProperty('--s', scale);

function onBeat(beat) {
  known.ahead = Date.parse(beat.t) - steady();
  known.seen = Date.parse(beat.seen);
  known.connected = true;
  known.refused = false;
  if (beat.app !== screen.dataset.app) reloadWhenCalm();
  tell();
}

function onSnapshot(state) {
  const rebuilt = known.version === null || state.v < known.version || state.freshness.rebuilding;
  show(state, !rebuilt);
  known.version = state.v;
  known.seen = Math.max(known.seen ?? 0, serverNow());
  shelve();
}

function onRefused({code, detail}) {
  if (code !== 422) return reload(); // the page says what to do
  known.refused = true;
  known.state = null;
  screen.dataset.mode = 'error';
  drawn.notice({key: 'refused', detail});
}

function show(state, animated) {
  known.state = state;
  known.drawnAt = steady();
  known.refused = false;
  drawn.draw(state, new Date(serverNow()), animated);
  tell();
}

// What the last state was, so that a screen that restarts while the server is away shows it, with its age.
function shelve() {
  try {
    localStorage.setItem(SHELF, JSON.stringify({seen: known.seen, ahead: known.ahead, state: known.state}));
  } catch { /* a full or forbidden shelf costs only this comfort */ }
}

function unshelve() {
  try {
    const {seen, ahead, state} = JSON.parse(localStorage.getItem(SHELF));
    known.seen = seen;
    known.ahead = ahead ?? 0; // until the server tells its time again
    show(state, false);
  } catch { /* nothing there, or from an older version of this page */ }
}

// Says how current the picture is: called every second, and whenever something came in.
function tell() {
  if (known.refused) return;
  const mode = currentMode(), {state} = known;
  screen.dataset.mode = mode.name;
  document.querySelector('#pill span').textContent = mode.text;
  document.getElementById('band').hidden = mode.name !== 'offline';
  if (!state) return;
  const [stand, age] = document.getElementById('band').children;
  stand.textContent = words.say('band', {time: seenAt()});
  age.textContent = words.say('band.age', {age: words.span(serverNow() - known.seen)});
  if (state.period) document.getElementById('countdown').textContent = mode.name === 'offline' ? '' : countdown(state.period);
}

function currentMode() {
  const broken = stream.broken(), {state} = known;
  if (!state) return {name: 'loading', text: words.say('pill.connecting')};
  const age = serverNow() - known.seen, time = seenAt();
  if (age > OFFLINE) return {name: 'offline', text: words.say('pill.connecting')};
  if (broken > GRACE || !known.connected) return {name: 'stale', text: words.say('pill.stale', {time})};
  if (age > STALE) return {name: 'stale', text: words.say('pill.source', {time})};
  const {rebuilding, quiet, last_booked_at: last} = state.freshness;
  if (rebuilding) return {name: 'late', text: words.say('pill.rebuilding')};
  if (quiet && serverNow() >= Date.parse(quiet.from) && serverNow() < Date.parse(quiet.until)) {
    return {name: 'late', text: words.say('pill.quiet', {time: words.when(new Date(last), new Date(serverNow()), state.organisation.zone)})};
  }
  return {name: 'live', text: words.say(state.notice ? 'pill.connected' : 'pill.live', {time})};
}

function seenAt() {
  return words.when(new Date(known.seen), new Date(serverNow()), known.state.organisation?.zone);
}

function countdown({state, ends_at: end}) {
  if (state !== 'open') return words.say(`period.${state}`);
  return words.say('left', {time: words.span(Date.parse(end) - serverNow())});
}

// A new version of these pages: taken over when nothing happens, not by all screens at once, and not again and again.
let waiting = false;
function reloadWhenCalm() {
  const last = Number(sessionStorage.getItem('samenspel.reloaded') ?? 0);
  if (waiting || Date.now() - last < SELDOM) return;
  waiting = true;
  const due = steady() + Math.random() * SPREAD;
  const timer = setInterval(() => {
    if (steady() < due || steady() - known.drawnAt < CALM) return;
    clearInterval(timer);
    waiting = false;
    sessionStorage.setItem('samenspel.reloaded', Date.now());
    reload();
  }, 1000);
}

// Loads the page again if it is there: a browser that met an error page instead would stay with it for ever.
async function reload() {
  try {
    const answer = await fetch(location.href, {method: 'HEAD', cache: 'no-store'});
    if (answer.status < 500) location.reload();
  } catch { /* not now */ }
}

// Moves the picture a little now and then, inside its margin, so that nothing burns in.
function drift() {
  const step = Math.floor(Date.now() / 120_000) % 8, angle = (step * Math.PI) / 4;
  document.documentElement.style.setProperty('--drift-x', Math.cos(angle).toFixed(2));
  document.documentElement.style.setProperty('--drift-y', Math.sin(angle).toFixed(2));
}

addEventListener('error', () => {
  screen.dataset.mode = 'error';
  drawn.notice({key: 'broken'});
  setInterval(reload, SPREAD);
});

const stream = follow(`${screen.dataset.source}/stream?${asked}`, {onBeat, onSnapshot, onRefused, silence: STALE});
unshelve();
tell();
drift();
setInterval(() => { tell(); drift(); }, 1000);
