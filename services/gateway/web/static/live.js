// @ts-check
// Keeps each live element (data-view, data-position) at the newest position
// that was heard of: a notice only says "there is more", the element fetches
// itself, and what it got is checked again. So a lost notice, a failed fetch
// or a view that lags cannot leave something stale on the screen.
import { follow } from './live-worker.js';

const past = Boolean(document.body.dataset.asOf);
let all = 0; // position of the last command that was sent from here
/** @type {Map<string, number>} */ const wanted = new Map(); // by element id
/** @type {Set<string>} */ const changed = new Set(); // what others changed since the last swap
/** @type {Set<string>} */ const mine = new Set(); // what was changed from here
let held = 0, timer = 0, due = Infinity;

/** @returns {HTMLElement[]} */
const lives = () => [...document.querySelectorAll('[data-view][hx-get]')].map((e) => /** @type {HTMLElement} */ (e));
const want = (el) => Math.max(all, wanted.get(el.id) ?? 0);
const behind = (el) => Number(el.dataset.position) < want(el);

/** Nothing is swapped until the returned function is called. */
export function hold() {
  let mineToo = true;
  held++;
  return () => {
    if (mineToo && !--held) check();
    mineToo = false;
  };
}

/** A command of ours stands at position: every element must reach it. */
export function seen(position, id = '') {
  if (id) mine.add(id);
  if (position > all) all = position;
  check();
}

/** Fetches el again whatever its position is. */
export function refetch(el) {
  el.dataset.position = '-1';
  check();
}

/** Looks after delay ms whether an element is behind; the earliest look wins. */
export function check(delay = 16) {
  const at = performance.now() + delay;
  if (past || at >= due) return;
  clearTimeout(timer);
  due = at;
  timer = setTimeout(() => {
    due = Infinity;
    if (!held && lives().some(behind)) document.body.dispatchEvent(new CustomEvent('live'));
  }, delay);
}

const touches = (el, keys) => !el.dataset.keys || !keys?.length || keys.some((k) => el.dataset.keys.split(' ').includes(k));

function hear(message) {
  if (message.type === 'state') {
    const shown = document.getElementById('live-state');
    if (!shown) return;
    shown.dataset.state = message.state;
    const words = { live: 'Live', reconnecting: 'Reconnecting…', connecting: 'Connecting…' };
    /** @type {HTMLElement} */ (shown.firstElementChild).textContent = words[message.state];
    return;
  }
  for (const el of lives()) {
    const view = /** @type {string} */ (el.dataset.view);
    if (message.type === 'hello') {
      wanted.set(el.id, Math.max(wanted.get(el.id) ?? 0, message.views[view] ?? 0));
    } else if (view === message.view && touches(el, message.keys)) {
      wanted.set(el.id, Math.max(wanted.get(el.id) ?? 0, message.position));
      for (const key of message.keys ?? []) changed.add(key.slice(key.indexOf('/') + 1));
    }
  }
  check();
}

function flash() {
  for (const id of changed) {
    if (mine.has(id)) continue;
    const el = document.getElementById('card-' + id) ?? document.querySelector(`[data-id="${CSS.escape(id)}"]`);
    el?.classList.add('flash');
    el?.addEventListener('animationend', () => el.classList.remove('flash'), { once: true });
  }
  changed.clear();
  mine.clear();
}

document.addEventListener('htmx:config:request', (e) => {
  const ctx = /** @type {CustomEvent} */ (e).detail.ctx;
  const position = ctx.sourceElement.dataset.view ? want(ctx.sourceElement) : all;
  if (ctx.request.method === 'GET' && position) ctx.request.headers['X-Min-Position'] = String(position);
  // What is not filled in does not belong in the address.
  for (const [name, value] of [...(ctx.request.body ?? [])]) if (value === '') ctx.request.body.delete(name);
});
document.addEventListener('htmx:before:swap', (e) => {
  const source = /** @type {CustomEvent} */ (e).detail.ctx.sourceElement;
  if (held && source?.dataset?.view) {
    e.preventDefault();
    source.dataset.position = '-1';
  }
});
document.addEventListener('htmx:after:swap', (e) => {
  if (/** @type {CustomEvent} */ (e).detail.ctx.sourceElement?.dataset?.view) flash();
  check(250);
});
document.addEventListener('htmx:response:error', (e) => {
  if (/** @type {CustomEvent} */ (e).detail.ctx.response.status === 401) location.reload(); // signed out: the sign-in page
  check(2000);
});
document.addEventListener('htmx:error', () => check(2000));

if (!past && document.getElementById('live-state')) {
  if ('SharedWorker' in window) {
    // The name keeps apart the streams of two people who sign in one after the other.
    const worker = new SharedWorker(new URL('./live-worker.js', import.meta.url), { type: 'module', name: 'live ' + document.body.dataset.viewer });
    worker.port.onmessage = (e) => hear(e.data);
    worker.onerror = () => hear({ type: 'state', state: 'reconnecting' });
    addEventListener('pagehide', () => worker.port.postMessage('bye'));
    addEventListener('pageshow', (e) => { if (e.persisted) location.reload(); });
  } else {
    follow(hear);
  }
}
