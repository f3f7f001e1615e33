// A screen that nobody knows yet: shows a code, and waits until somebody who may has typed it in.

import {steady} from './clock.js';

const PAIRINGS = '/leaderboard/v1/pairings', AGAIN = 10_000, LONGEST = 60_000;
const box = document.getElementById('pairing'), texts = JSON.parse(document.getElementById('texts').textContent);
const part = name => box.querySelector(`.${name}`);
let failures = 0;

async function post(path, body) {
  const answer = await fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json', Accept: 'application/json'}, body: JSON.stringify(body), signal: AbortSignal.timeout(AGAIN)});
  return {code: answer.status, body: answer.ok ? await answer.json() : null};
}

async function begin() {
  try {
    const {code, body} = await post(PAIRINGS, {});
    if (!body) throw new Error(code);
    failures = 0;
    show(body);
    wait(body.device_code, body.interval * 1000, steady() + body.expires_in * 1000);
  } catch {
    away();
    setTimeout(begin, Math.min(LONGEST, AGAIN * ++failures));
  }
}

function show({user_code: code, verification_uri: page, qr}) {
  box.dataset.state = 'waiting';
  part('code').replaceChildren(...code.split('-').map(half => Object.assign(document.createElement('span'), {textContent: half})));
  part('code').setAttribute('aria-label', [...code].join(' '));
  part('qr').src = qr;
  part('address').replaceChildren(...page.replace(/^https?:\/\//, '').split(/(?<=\/)/).flatMap(piece => [piece, document.createElement('wbr')]));
  part('state').textContent = texts['pair.waiting'];
}

function away() {
  box.dataset.state = 'away';
  part('state').textContent = texts['pair.away'];
}

function wait(device, pause, until) {
  setTimeout(async () => {
    if (steady() > until) return begin();
    try {
      const {code, body} = await post(`${PAIRINGS}/collect`, {device_code: device});
      if (body?.state === 'paired') return paired();
      if (code === 404) return begin();
      if (body) box.dataset.state = 'waiting';
      part('state').textContent = texts[body ? 'pair.waiting' : 'pair.away'];
      wait(device, body ? body.interval * 1000 : 2 * pause, until);
    } catch {
      away();
      wait(device, pause, until);
    }
  }, pause);
}

function paired() {
  box.dataset.state = 'paired';
  part('state').textContent = texts['pair.done'];
  location.replace('/tv');
}

begin();
