// How current the picture is, and what the screen says about it.

const find = id => document.getElementById(id);
const MINUTE = 60_000, OFFLINE = 5 * MINUTE, STANDBY = 30 * MINUTE;

// `known`: what the screen knows; `beat`: milliseconds between signs of life; `broken()`: for how long there is no way.
export function freshness(known, kit, {beat, broken}) {
  const STALE = 3 * beat, GRACE = Math.min(5000, beat);
  const serverNow = () => Number(kit.now());
  let mode = 'loading';

  function tell(off) {
    const found = off ? {name: 'off', text: ''} : current(), {say} = kit.words;
    mode = found.name;
    find('screen').dataset.mode = mode;
    document.querySelector('#pill span').textContent = found.text;
    find('band').hidden = mode !== 'offline';
    find('standby').hidden = mode !== 'standby';
    if (!known.state) return;
    const [stand, age] = find('band').children;
    stand.textContent = say('band', {time: seenAt()});
    age.textContent = say('band.age', {age: kit.words.span(serverNow() - known.seen)});
    if (isOld()) find('countdown').textContent = '';
    if (mode === 'standby') standby();
  }

  function standby() {
    const [clock, day, why] = find('standby').children;
    clock.textContent = kit.words.clock(kit.now(), kit.zone);
    day.textContent = kit.words.date(kit.now(), kit.zone);
    why.textContent = kit.words.say('standby', {time: seenAt()});
  }

  function current() {
    const {say} = kit.words, {state} = known;
    if (!state) return {name: 'loading', text: say('pill.connecting')};
    const age = serverNow() - known.seen, time = seenAt();
    if (age > STANDBY) return {name: 'standby', text: say('pill.connecting')};
    if (age > OFFLINE) return {name: 'offline', text: say('pill.connecting')};
    if (broken() > GRACE || !known.connected) return {name: 'stale', text: say('pill.stale', {time})};
    if (age > STALE) return {name: 'stale', text: say('pill.source', {time})};
    return settled(state, time);
  }

  function settled({freshness: {rebuilding, quiet, last_booked_at: last}, notice}, time) {
    const {say, when} = kit.words, now = serverNow();
    if (rebuilding) return {name: 'late', text: say('pill.rebuilding')};
    if (quiet && now >= Date.parse(quiet.from) && now < Date.parse(quiet.until)) {
      return {name: 'late', text: say('pill.quiet', {time: when(new Date(last), kit.now(), kit.zone)})};
    }
    return {name: 'live', text: say(notice ? 'pill.connected' : 'pill.live', {time})};
  }

  const seenAt = () => kit.words.when(new Date(known.seen), kit.now(), kit.zone);
  const isOld = () => ['offline', 'standby'].includes(mode);

  // What stands at the right of the title: how long it still takes, else the day.
  function countdown() {
    const {head} = known, {say} = kit.words;
    if (head?.moment) return head.moment.text ?? say(head.moment.key, {time: left(head.moment.at)});
    if (!head?.period) return head ? kit.words.date(kit.now(), kit.zone) : '';
    const {state, ends_at: end} = head.period;
    return state === 'open' ? say('left', {time: left(end)}) : say(`period.${state}`);
  }

  // Within the last hour each second counts.
  function left(moment) {
    const rest = Math.max(0, Date.parse(moment) - serverNow());
    return rest < 60 * MINUTE ? kit.words.stopwatch(rest) : kit.words.span(rest);
  }

  return {tell, countdown, isOld};
}
