// Hands in the token behind the # once, and takes it out of the address before anything else happens: what stands
// behind the # is never sent to a server by itself, so it is in no log.

const token = new URLSearchParams(location.hash.slice(1)).get('t');
history.replaceState(null, '', location.pathname + location.search);

function show(outcome) {
  for (const part of document.querySelectorAll('[data-outcome]')) part.hidden = part.dataset.outcome !== outcome;
}

async function enter() {
  if (!token) return show('missing');
  try {
    const answer = await fetch('/tv/enter', {method: 'POST', headers: {Authorization: `Bearer ${token}`}});
    if (answer.ok) location.replace('/tv' + location.search);
    else show(answer.status < 500 ? 'refused' : 'away');
  } catch {
    show('away');
  }
}

enter();
