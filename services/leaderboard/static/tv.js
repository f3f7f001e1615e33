// The office TV: follows the standings, plays its slides, and never lets old ones pass for live ones.

import {beats} from './beat.js';
import {steady} from './clock.js';
import {figures} from './figures.js';
import {footer} from './footer.js';
import {freshness} from './freshness.js';
import {fitAll} from './parts.js';
import {party} from './party.js';
import {player} from './player.js';
import {reloading} from './reload.js';
import {setup} from './setup.js';
import {bell} from './sound.js';
import {follow} from './stream.js';
import {words as inLanguage} from './words.js';

const find = id => document.getElementById(id);
const screen = find('screen');
const given = new URLSearchParams(location.search);
const asked = new URLSearchParams([...given].filter(([name]) => ['metric', 'period', 'by'].includes(name)));
const texts = JSON.parse(find('texts').textContent), DAY = 864e5;
const SHELF = `samenspel.tv?${asked}`;
const BEAT = Number(screen.dataset.beat) * 1000, SILENCE = 3 * BEAT;

// `seen`: the server's time when it last looked at the standings; `ahead`: by how much its clock is ahead of ours
const known = {state: null, seen: null, ahead: 0, version: null, drawnAt: 0, connected: false, refused: false, head: null, slide: null};
const serverNow = () => steady() + known.ahead;
const own = setup(given, Object.keys(texts));

const kit = {
  files: screen.dataset.files, zone: undefined, fit: fitAll,
  now: () => new Date(serverNow()), day: () => Math.floor((serverNow() + 2 * 36e5) / DAY),
};
const fresh = freshness(known, kit, {beat: BEAT, broken: () => stream.broken()});
const sound = bell();
const {reload, reloadWhenCalm, daily} = reloading(() => !celebrating.busy() && steady() - known.drawnAt > 10_000);
const plays = player(find('stage'), kit, {onShown, onFault: fault => told.fault(fault)});
const bottom = footer(kit);
const celebrating = party(find('party'), kit, {
  allowed: event => event.kind === 'test' || !(own.isQuiet(clock()) || own.isOff(clock()) || fresh.isOld()),
  onBegin: () => plays.hold(),
  onEnd: () => plays.resume(),
  sound: () => own.sound().on && !own.isQuiet(clock()) && sound.play(own.sound().volume),
});
const told = beats(`${screen.dataset.source}/beat`, () => ({
  paired: own.id() !== null, app: screen.dataset.app, slide: known.state && !known.state.notice ? plays.place().type : null,
}));

const clock = () => new Intl.DateTimeFormat('en-GB', {timeZone: kit.zone, hour: '2-digit', minute: '2-digit'}).format(kit.now());

function speak() {
  own.apply();
  kit.words = inLanguage(texts[own.language()], own.language());
  kit.say = figures(kit.words);
  kit.scale = own.scale();
}

function onBeat(beat) {
  known.ahead = Date.parse(beat.t) - steady();
  known.seen = Date.parse(beat.seen);
  known.connected = true;
  known.refused = false;
  if (beat.app !== screen.dataset.app) reloadWhenCalm();
  tell();
}

function onScreen(settings) {
  own.take(settings);
  speak();
  find('name').textContent = own.name();
  if (own.sound().on) sound.prepare();
  plays.redraw();
  refit();
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
  notice({key: 'refused', detail});
}

function show(state, animated) {
  known.state = state;
  known.drawnAt = steady();
  known.refused = false;
  kit.zone = state.organisation?.zone;
  const name = state.organisation?.name ?? '';
  find('organisation').textContent = name;
  find('organisation').style.setProperty('--chars', name.length);
  const empty = state.slides.every(slide => slide.notice) && state.slides[0]?.notice;
  const broken = state.notice ?? (empty || null);
  if (broken) notice(broken);
  find('notice').hidden = !broken;
  find('stage').hidden = Boolean(broken);
  screen.dataset.empty = Boolean(broken);
  plays.set(broken ? [] : state.slides, animated);
  bottom.latest(broken ? null : state);
  tell();
}

function notice({key, detail}) {
  const [title, text, hint] = find('notice').children, {say} = kit.words;
  find('title').textContent = 'Samenspel';
  find('notice').hidden = false;
  title.textContent = say(`notice.${key}.title`);
  text.textContent = say(`notice.${key}.text`);
  hint.textContent = key === 'no_league' || key === 'no_teams' ? say(`notice.${key}.hint`) : detail ?? '';
  hint.hidden = !hint.textContent;
}

function onShown(slide, head) {
  Object.assign(known, {slide, head});
  screen.dataset.slide = slide?.type ?? '';
  if (!head) return;
  find('title').textContent = document.title = kit.say.capital(head.title);
  count(fresh.countdown());
}

// The title has the room that the time beside it leaves.
function count(text) {
  find('countdown').textContent = text;
  const needs = `${find('title').textContent}|${text.length}`;
  if (needs !== known.fitted) fitAll(screen.querySelector('.top'));
  known.fitted = needs;
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
  fresh.tell(own.isOff(clock()));
  if (known.state && !fresh.isOld()) count(known.state.notice ? '' : fresh.countdown());
  bottom.progress(plays.place(), plays.paused());
  find('mute').toggleAttribute('hidden', !(own.sound().on && sound.muted()));
}

// Moves the picture a little now and then, inside its margin, so that nothing burns in.
function drift() {
  const step = Math.floor(Date.now() / 120_000) % 8, angle = (step * Math.PI) / 4;
  document.documentElement.style.setProperty('--drift-x', Math.cos(angle).toFixed(2));
  document.documentElement.style.setProperty('--drift-y', Math.sin(angle).toFixed(2));
}

function refit() {
  plays.refit();
  fitAll(screen.querySelector('.top'));
}

let naming = null;
function identify() {
  clearTimeout(naming);
  find('name').textContent = own.name() || 'Samenspel';
  find('identify').hidden = false;
  fitAll(find('identify'));
  naming = setTimeout(() => { find('identify').hidden = true; }, 10_000);
}

// One key stops everything that moves by itself, as everybody may wish who stands before it.
const KEYS = {' ': () => plays.pause(), ArrowRight: () => plays.next(), ArrowLeft: () => plays.back(), i: identify};
addEventListener('keydown', event => {
  if (own.sound().on) sound.prepare();
  if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  KEYS[event.key]();
  tell();
});
addEventListener('resize', refit);

let retrying = null;
addEventListener('error', event => {
  told.fault(event.message ?? 'error');
  screen.dataset.mode = 'error';
  notice({key: 'broken'});
  retrying ??= setInterval(reload, 60_000);
});

async function stayAwake() {
  try {
    if (document.visibilityState === 'visible') await navigator.wakeLock?.request('screen');
  } catch { /* the box's own settings decide then */ }
}
document.addEventListener('visibilitychange', stayAwake);

speak();
const stream = follow(`${screen.dataset.source}/stream?${asked}`, {
  onBeat, onSnapshot, onRefused, silence: SILENCE,
  on: {screen: onScreen, celebrate: event => celebrating.add(event), reload: reloadWhenCalm, revoked: reload, identify, next: () => plays.next()},
});
unshelve();
tell();
drift();
stayAwake();
document.fonts.addEventListener('loadingdone', refit);
setInterval(() => {
  plays.tick();
  tell();
  drift();
  daily(clock());
}, 1000);
