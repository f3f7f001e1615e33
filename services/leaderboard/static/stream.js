// Follows a stream of server-sent events for as long as the page lives.
//
// EventSource alone is not enough: a refused reconnect (503 while the server is replaced) closes it for ever, and a
// connection that has silently died gives no event at all. Hence the named heartbeats, the watchdog and the back-off.
// Where something in between keeps the stream's bytes for itself, the same events are asked for every few seconds.
//
// `on` holds what to do with the other events: {screen, celebrate, reload, revoked, identify, next}, each given its data.
// `silence`: milliseconds without a sign of life after which a connection counts as dead.

import {jumped, steady} from './clock.js';

const OPENS_IN = 8000; // the first bytes come at once
const MUTE = 2; // so many times opened in vain, while the server answers: somebody keeps the stream for himself
const POLL = 5000, TRY_STREAM = 300_000;

export function follow(url, {onBeat, onSnapshot, onRefused, on = {}, silence, shortest = 1000, longest = 15000}) {
  const acts = {...on, hb: onBeat, snapshot: onSnapshot};
  let source, timer, lastId = '', lastSign = steady(), failures = 0, brokenSince = steady();
  let heard = false, mute = 0, polling = null, triedAt = 0;

  function sign() {
    lastSign = steady();
    brokenSince = null;
    failures = 0;
  }

  function address(path) {
    const found = new URL(path, location.href);
    if (lastId) found.searchParams.set('last_id', lastId); // a new EventSource cannot send Last-Event-ID
    return found;
  }

  function open() {
    clearTimeout(timer);
    source?.close();
    heard = false;
    lastSign = triedAt = steady();
    const opened = source = new EventSource(address(url));
    for (const [name, act] of Object.entries(acts)) {
      opened.addEventListener(name, event => {
        if (opened !== source) return;
        heard = true;
        mute = 0;
        stopPolling();
        sign();
        if (event.lastEventId) lastId = event.lastEventId;
        act(JSON.parse(event.data));
      });
    }
    opened.onerror = () => {
      if (opened !== source) return;
      if (!polling) brokenSince ??= steady();
      if (opened.readyState === EventSource.CLOSED) again();
    };
  }

  function again() {
    source.close();
    if (polling) return;
    brokenSince ??= steady();
    const pause = Math.min(longest, shortest * 2 ** failures);
    clearTimeout(timer);
    timer = setTimeout(ask, pause / 2 + Math.random() * pause / 2);
  }

  // EventSource does not tell why it was refused; a plain request does.
  async function ask() {
    const status = await answerOf(address(url.replace(/\/stream\b/, '/state')), Math.min(silence, 5000));
    if (polling) return;
    if ([401, 403, 422].includes(status.code)) onRefused(status); // anything else may be a proxy's, and passes
    if (!status.late) failures++; // whoever refuses is spared; silence may be that of a connection which died as well
    if (status.code === 0 || status.code >= 400) return again();
    if (!heard && ++mute >= MUTE) return poll();
    open();
  }

  // Asks for the same events, and now and then tries the stream again.
  async function poll() {
    polling ??= setInterval(poll, POLL);
    if (steady() - triedAt > TRY_STREAM) open();
    const answer = await answerOf(address(url.replace(/\/stream\b/, '/poll')), POLL);
    if (!polling) return;
    if ([401, 403, 422].includes(answer.code)) onRefused(answer);
    if (answer.code !== 200) return void (brokenSince ??= steady());
    sign();
    for (const {event, id, data} of answer.body.events) {
      lastId = id ?? lastId;
      acts[event]?.(data);
    }
  }

  function stopPolling() {
    clearInterval(polling);
    polling = null;
  }

  setInterval(() => {
    const patience = heard ? silence : Math.min(silence, OPENS_IN), quiet = steady() - lastSign;
    if (polling && !heard && steady() - triedAt > OPENS_IN) source.close();
    if (jumped()) again(); // the machine slept, or its clock was set: what is connected may be dead
    else if (source.readyState !== EventSource.CLOSED && quiet > patience && !polling) again();
  }, Math.min(1000, silence / 3));
  addEventListener('online', open);
  open();

  return {
    // For how many milliseconds the connection has been known to be broken: 0 while it is not.
    broken: () => (brokenSince === null ? 0 : Math.max(1, steady() - brokenSince)),
    // How the events come: stream or poll.
    way: () => (polling ? 'poll' : 'stream'),
  };
}

async function answerOf(address, patience) {
  try {
    const answer = await fetch(address, {signal: AbortSignal.timeout(patience), headers: {Accept: 'application/json'}});
    const body = await (answer.ok ? answer.json() : answer.json().catch(() => ({}))); // half an answer is none
    return {code: answer.status, body, detail: (body.errors ?? []).map(each => each.expected).join('; ') || body.detail};
  } catch (error) {
    return {code: 0, late: error.name === 'TimeoutError'};
  }
}
