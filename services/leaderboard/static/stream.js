// Follows a stream of server-sent events for as long as the page lives.
//
// EventSource alone is not enough: a refused reconnect (503 while the server is replaced) closes it for ever, and a
// connection that has silently died gives no event at all. Hence the named heartbeats, the watchdog and the back-off.
//
// `on` holds what to do with the other events: {screen, celebrate, reload, revoked, identify, next}, each given its data.

import {jumped, steady} from './clock.js';

export function follow(url, {onBeat, onSnapshot, onRefused, on = {}, silence, shortest = 1000, longest = 15000}) {
  let source, timer, lastId = '', lastSign = steady(), failures = 0, brokenSince = steady();

  function sign(event) {
    lastSign = steady();
    brokenSince = null;
    failures = 0;
    if (event.lastEventId) lastId = event.lastEventId;
    return JSON.parse(event.data);
  }

  function open() {
    clearTimeout(timer);
    source?.close();
    lastSign = steady();
    const address = new URL(url, location.href);
    if (lastId) address.searchParams.set('last_id', lastId); // a new EventSource cannot send Last-Event-ID
    const opened = source = new EventSource(address);
    opened.addEventListener('hb', event => onBeat(sign(event)));
    opened.addEventListener('snapshot', event => onSnapshot(sign(event)));
    for (const [name, act] of Object.entries(on)) opened.addEventListener(name, event => act(sign(event)));
    opened.onerror = () => {
      brokenSince ??= steady();
      if (opened === source && opened.readyState === EventSource.CLOSED) again();
    };
  }

  function again() {
    source.close();
    brokenSince ??= steady();
    const pause = Math.min(longest, shortest * 2 ** failures);
    clearTimeout(timer);
    timer = setTimeout(ask, pause / 2 + Math.random() * pause / 2);
  }

  // EventSource does not tell why it was refused; a plain request does.
  async function ask() {
    const status = await statusOf(url.replace(/\/stream\b/, '/state'), Math.min(silence, 5000));
    if ([401, 403, 422].includes(status.code)) onRefused(status); // anything else may be a proxy's, and passes
    if (!status.late) failures++; // whoever refuses is spared; silence may be that of a connection which died as well
    if (status.code === 0 || status.code >= 400) again();
    else open();
  }

  setInterval(() => {
    if (jumped()) again(); // the machine slept, or its clock was set: what is connected may be dead
    else if (source.readyState !== EventSource.CLOSED && steady() - lastSign > silence) again();
  }, Math.min(1000, silence / 3));
  addEventListener('online', open);
  open();

  // For how many milliseconds the connection has been known to be broken: 0 while it is not.
  return {broken: () => (brokenSince === null ? 0 : Math.max(1, steady() - brokenSince))};
}

async function statusOf(url, patience) {
  try {
    const answer = await fetch(url, {signal: AbortSignal.timeout(patience), headers: {Accept: 'application/json'}});
    const problem = answer.ok ? {} : await answer.json().catch(() => ({}));
    return {code: answer.status, detail: (problem.errors ?? []).map(each => each.expected).join('; ') || problem.detail};
  } catch (error) {
    return {code: 0, late: error.name === 'TimeoutError'};
  }
}
