// @ts-check
// The frame of every page: the moment that is looked at, theme, density and
// navigation. What a person chooses lies in cookies, so that the server
// renders the next page as it should be and nothing flickers.
import './live.js';
import './view.js';
import './keys.js';
import './palette.js';

const cookie = (name, value) => { document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${value ? 31536000 : 0}; SameSite=Lax`; };
const read = (name) => decodeURIComponent(document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? '');

cookie('tz', Intl.DateTimeFormat().resolvedOptions().timeZone);
document.body.dataset.letters = read('letters');
const keysChoice = /** @type {HTMLInputElement|null} */ (document.querySelector(`[name=letters][value="${CSS.escape(read('letters'))}"]`));
if (keysChoice) keysChoice.checked = true;

document.addEventListener('change', (e) => {
  const input = /** @type {HTMLInputElement} */ (e.target);
  const name = /** @type {HTMLElement|null} */ (input.closest('[data-cookie]'))?.dataset.cookie;
  if (!name) return;
  cookie(name, input.value);
  (name === 'letters' ? document.body : document.documentElement).dataset[name] = input.value;
});

/** Opens this page with another value of one name; filters set since stay. */
function go(name, value) {
  const q = new URLSearchParams(location.search);
  if (value) q.set(name, value); else q.delete(name);
  location.href = location.pathname + (q.size ? '?' + q : '');
}

document.addEventListener('submit', (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  const name = form.dataset.when;
  if (!name) return;
  e.preventDefault();
  const at = new Date(new FormData(form).get(name) + 'Z'); // every time of a page is UTC
  if (!isNaN(at.getTime())) go(name, at.toISOString().replace('.000', ''));
});

document.addEventListener('click', (e) => {
  const el = /** @type {Element} */ (e.target);
  const link = /** @type {HTMLElement|null} */ (el.closest('[data-set]'));
  if (link && !e.ctrlKey && !e.metaKey) {
    e.preventDefault();
    go(link.dataset.set, link.dataset.value);
  }
  if (el.closest('[data-sidebar]')) {
    const root = document.documentElement;
    root.dataset.sidebar = root.dataset.sidebar === 'other' ? '' : 'other';
  }
  if (el.closest('[data-keyboard]')) /** @type {HTMLDialogElement|null} */ (document.getElementById('keys'))?.showModal();
});
