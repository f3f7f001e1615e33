// Takes the code of a link out of what stands behind the #, which no server sees, and into the form.

const code = new URLSearchParams(location.hash.slice(1)).get('c');
if (location.hash) history.replaceState(null, '', location.pathname + location.search);
if (code) {
  document.querySelector('[name="code"]').value = code;
  document.querySelector('[data-code]').hidden = true;
}
