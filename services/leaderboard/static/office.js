// The pages about screens: keeps what they say current, and shows how large letters will be.

const NEAR = 5000, FAR = 60_000;

// Fetches this page again and takes over the parts that are marked, unless somebody is in the middle of one.
async function look() {
  const answer = await fetch(location.href.replace(/([?&])done=[^&#]*/, '$1'), {signal: AbortSignal.timeout(10_000)});
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const ids = page => [...page.querySelectorAll('[data-live-list] > li')].map(each => each.id).join();
  if (ids(document) !== ids(fresh)) return location.reload();
  for (const part of document.querySelectorAll('[data-live]')) {
    const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!now || now.innerHTML === part.innerHTML || part.contains(document.activeElement)) continue;
    part.replaceChildren(...now.childNodes);
  }
  for (const card of document.querySelectorAll('[data-live-list] > li')) {
    card.className = fresh.getElementById(card.id).className;
  }
}

async function keepCurrent() {
  const unheard = document.querySelector('[data-unheard]');
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, document.hidden ? FAR : NEAR));
    try {
      await look();
      unheard.hidden = true;
    } catch {
      unheard.hidden = false;
    }
  }
}

// As domain/screens.py does it: letters that read at 5 m from 55 inches as at the distance and size given.
function showScale(fields) {
  const [inches, distance] = ['inches', 'distance'].map(name => document.getElementById(name));
  const output = document.querySelector('#scale output');
  const tell = () => {
    const exact = Number(distance.value) / 5 * 55 / Number(inches.value);
    const number = Math.min(1.6, Math.max(0.8, exact)).toLocaleString(document.documentElement.lang, {maximumFractionDigits: 2});
    output.textContent = Number.isFinite(exact) && exact > 0 ? fields.dataset.scale.replace('{scale}', number) : '';
  };
  for (const field of [inches, distance]) field.addEventListener('input', tell);
  tell();
}

const fields = document.querySelector('[data-scale]');
if (fields) showScale(fields);
if (document.querySelector('[data-unheard]')) keepCurrent();
