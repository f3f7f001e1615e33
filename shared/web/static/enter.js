// Hands in the token behind the # once, and takes it out of the address before anything else happens: what stands
// behind the # is never sent to a server by itself, so it is in no log. The page says where to hand it in
// (data-post) and where to go then (data-then, or where the answer says).

const token = new URLSearchParams(location.hash.slice(1)).get('t');
const {post, then} = document.querySelector('[data-post]').dataset;
if (location.hash) history.replaceState(null, '', location.pathname + location.search);

function show(outcome) {
  for (const part of document.querySelectorAll('[data-outcome]')) part.hidden = part.dataset.outcome !== outcome;
}

async function enter() {
  if (!token) return show('missing');
  show('busy');
  try {
    const answer = await fetch(post + location.search, {method: 'POST', headers: {Authorization: `Bearer ${token}`}});
    if (answer.ok) location.replace(then ? then + location.search : answer.headers.get('X-Next'));
    else show(answer.status < 500 ? 'refused' : 'away');
  } catch {
    show('away');
  }
}

enter();
