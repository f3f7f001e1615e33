// Keeps the session of an open page fresh: it lasts half an hour, and a form may be open for longer. Ingest makes a new
// one as long as the person is signed in there. A hidden page asks for nothing; shown again, it asks at once.

const RENEW = '/ingest/sign-in/renew';
const EVERY = 10 * 60_000;
let last = Date.now();

async function renew() {
  if (document.hidden || Date.now() - last < EVERY) return;
  last = Date.now();
  try {
    await fetch(RENEW, {headers: {Accept: 'application/json'}});
  } catch {
    last = 0; // away: with the next turn
  }
}

setInterval(renew, 60_000);
document.addEventListener('visibilitychange', renew);
