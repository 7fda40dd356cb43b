// @ts-check
// What every view shares: sending a command, saying what became of it, the
// dialog of a command, one tab stop among many.
import { hold, seen, check } from './live.js';

/** True while a past moment is shown: nothing may be sent. */
export const past = Boolean(document.body.dataset.asOf);

/** Tells a screen reader. @param {string} text */
export function say(text) {
  const region = document.getElementById('say');
  if (!region) return;
  region.textContent = '';
  requestAnimationFrame(() => { region.textContent = text; });
}

/** Shows a line at the edge of the page for some seconds, and says it. */
export function toast(text, tone = '') {
  say(text);
  const box = document.getElementById('toasts');
  if (!box) return;
  const el = document.createElement('div');
  el.className = 'toast' + (tone && ' toast-' + tone);
  el.append(text);
  const close = document.createElement('button');
  close.className = 'icon-button';
  close.setAttribute('aria-label', 'Dismiss');
  close.innerHTML = '<i class="i i-x" aria-hidden="true"></i>';
  close.onclick = () => el.remove();
  el.append(close);
  box.append(el);
  while (box.children.length > 4) box.firstElementChild?.remove();
  let timer = 0;
  const leave = () => { timer = setTimeout(() => el.remove(), tone === 'danger' ? 10000 : 5000); };
  el.onpointerenter = el.onfocusin = () => clearTimeout(timer);
  el.onpointerleave = el.onfocusout = leave;
  leave();
}

/** A version 4 UUID; crypto.randomUUID is missing where there is no TLS. */
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  return [...b].map((n, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + n.toString(16).padStart(2, '0')).join('');
}

/**
 * Sends a command of the public API. It is sent once more, with the same key,
 * if no answer came: the server does it once.
 * @param {string} path @param {object} body @param {string} [version] @param {string} [id] of what it changes
 * @returns {Promise<{ok: boolean, status: number, json: any, version?: string, proposal?: boolean}>}
 */
export async function command(path, body, version, id) {
  if (past) return { ok: false, status: 0, json: { title: 'The past cannot be changed.' } };
  const release = hold();
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json, application/problem+json', 'Idempotency-Key': uuid() };
  if (version && version !== '0') headers['If-Match'] = `"${version}"`;
  try {
    /** @type {Response} */ let answer;
    try {
      answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    } catch {
      await new Promise((r) => setTimeout(r, 500));
      answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    }
    const json = await answer.json().catch(() => ({}));
    if (answer.status === 401) location.reload();
    if (answer.ok) seen(Number(answer.headers.get('X-Event-Position') ?? json.position ?? 0), id);
    if (answer.status === 202) toast(`You do not decide this: it waits as a proposal for ${deciders(json)}.`, 'accent');
    return { ok: answer.ok, status: answer.status, json, proposal: answer.status === 202, version: answer.headers.get('ETag')?.replace(/\D/g, '') };
  } catch {
    return { ok: false, status: 0, json: { title: 'The server cannot be reached.', detail: 'Nothing has been changed. Try again in a moment.' } };
  } finally {
    release();
  }
}

/** The roles that decide a proposal, as people read them. */
const deciders = (json) => (json.deciders ?? []).map((r) => r.split('-').map((w) => w[0].toUpperCase() + w.slice(1)).join(' ')).join(' or ') || 'whoever decides it';

/** What a problem says: every rule that was broken, not only the first. */
export function reason(json) {
  const all = (json.errors ?? []).filter((e) => !e.field).map((e) => e.detail);
  return all.length > 1 ? all.join(' · ') : json.detail || json.title || 'the server refused it';
}

/**
 * What takes more than one command, by name: a page's script adds its own. A
 * flow gets the address, the body and the form, and gives what command gives.
 * @type {Record<string, (path: string, body: any, form: HTMLFormElement) => Promise<any>>}
 */
export const flows = {};

/**
 * Opens the dialog of a command.
 * @param {HTMLDialogElement} dialog @param {{path?: string, version?: string, id?: string, title?: string, intro?: string, focus?: string, done?: string, values?: Record<string, string|boolean>}} [o]
 */
export function ask(dialog, o = {}) {
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector('form'));
  form.reset();
  for (const hidden of form.querySelectorAll('.picker input[type=hidden]')) /** @type {HTMLInputElement} */ (hidden).value = '';
  problems(form, []);
  if (o.path) form.dataset.command = o.path;
  if (o.version) form.dataset.version = o.version;
  if (o.id) form.dataset.id = o.id;
  if (o.done) form.dataset.done = o.done;
  if (o.title) /** @type {HTMLElement} */ (dialog.querySelector('h2')).textContent = o.title;
  const error = /** @type {HTMLElement} */ (form.querySelector('.form-error'));
  error.hidden = !o.intro;
  error.textContent = o.intro ?? '';
  for (const [name, value] of Object.entries(o.values ?? {})) {
    const input = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
    if (typeof value === 'boolean') input.checked = value; else if (input) input.value = value;
  }
  dialog.setAttribute('hx-morph-skip', ''); // what is being typed must survive a refresh
  dialog.showModal();
  const first = o.focus ? form.elements.namedItem(o.focus) : form.querySelector('.field input:not([type=hidden]), .field select, .field textarea');
  /** @type {HTMLElement} */ (first)?.focus();
}

/** The JSON body of a form; dotted names are nested. @param {HTMLFormElement} form */
export function bodyOf(form) {
  const body = {};
  for (const el of form.elements) {
    const input = /** @type {HTMLInputElement} */ (el);
    if (!input.name || (input.type !== 'checkbox' && input.value === '')) continue;
    if (input.type === 'checkbox' && !input.checked) continue;
    const path = input.name.split('.'), last = /** @type {string} */ (path.pop());
    let at = body;
    for (const step of path) at = at[step] ??= {};
    at[last] = input.type === 'checkbox' ? true : input.type === 'number' || 'number' in input.dataset ? Number(input.value) : input.value;
  }
  return body;
}

/** Shows at each field what the server says of it. Returns what has no field. */
function problems(form, errors) {
  for (const p of form.querySelectorAll('.field-error')) p.hidden = true;
  for (const el of form.querySelectorAll('[aria-invalid]')) el.removeAttribute('aria-invalid');
  const rest = [];
  for (const { field, detail } of errors) {
    const at = form.querySelector(`[data-field="${CSS.escape(field ?? '')}"]`);
    const text = /** @type {HTMLElement|null} */ (at?.querySelector('.field-error') ?? null);
    if (!text) { rest.push(detail); continue; }
    text.textContent = detail;
    text.hidden = false;
    const input = at?.querySelector('input:not([type=hidden]), select, textarea');
    input?.setAttribute('aria-invalid', 'true');
  }
  /** @type {HTMLElement} */ (form.querySelector('[aria-invalid]'))?.focus();
  return rest;
}

document.addEventListener('submit', async (e) => {
  const form = /** @type {HTMLFormElement} */ (e.target);
  if (!form.dataset.command) return;
  e.preventDefault();
  const missing = [...form.elements].map((el) => /** @type {HTMLInputElement} */ (el)).filter((el) => el.required && !el.value);
  if (missing.length) return void problems(form, missing.map((el) => ({ field: el.name, detail: 'This is needed.' })));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('[type=submit]'));
  button.disabled = true;
  const flow = flows[form.dataset.flow ?? ''];
  const result = flow ? await flow(form.dataset.command, bodyOf(form), form) : await command(form.dataset.command, bodyOf(form), form.dataset.version, form.dataset.id);
  button.disabled = false;
  if (result.ok) {
    form.closest('dialog')?.close();
    if (!result.proposal) toast(form.dataset.done || 'Done');
    form.dispatchEvent(new CustomEvent('done', { bubbles: true, detail: result }));
    return;
  }
  const errors = result.json.errors ?? [], rest = problems(form, errors);
  const error = /** @type {HTMLElement} */ (form.querySelector('.form-error'));
  error.textContent = errors.length ? rest.join(' · ') : reason(result.json);
  error.hidden = !error.textContent;
});

document.addEventListener('click', (e) => {
  const el = /** @type {Element} */ (e.target);
  if (el.closest('[data-close]')) el.closest('dialog')?.close();
  const opener = /** @type {HTMLElement|null} */ (el.closest('[data-dialog]'));
  const dialog = opener && document.getElementById(opener.dataset.dialog ?? '');
  if (dialog instanceof HTMLDialogElement) ask(dialog);
  if (el instanceof HTMLDialogElement && e.clientX + e.clientY > 0) { // a click beside the dialog
    const r = el.getBoundingClientRect();
    if (e.clientX < r.left || e.clientX > r.right || e.clientY < r.top || e.clientY > r.bottom) el.close();
  }
});
document.addEventListener('close', (e) => {
  const dialog = /** @type {Element} */ (e.target);
  dialog.removeAttribute('hx-morph-skip');
  check();
}, true);

/**
 * One tab stop among the elements of selector; it stays where it was left.
 * @param {string} selector
 */
export function roving(selector) {
  let at = '';
  const settle = () => {
    const items = [...document.querySelectorAll(selector)].map((e) => /** @type {HTMLElement} */ (e));
    const current = items.find((e) => e.closest('[id]')?.id === at) ?? items[0];
    for (const e of items) if (e !== current && e.tabIndex === 0) e.tabIndex = -1;
    if (current) current.tabIndex = 0;
  };
  document.addEventListener('focusin', (e) => {
    const el = /** @type {Element} */ (e.target).closest(selector);
    if (!el) return;
    at = el.closest('[id]')?.id ?? '';
    settle();
  });
  document.addEventListener('htmx:after:swap', settle);
  settle();
}

/** Opens a popover menu under a button and moves the focus through it. */
export function menu(popover, button, back = button) {
  const release = hold();
  popover.showPopover();
  const b = button.getBoundingClientRect(), m = popover.getBoundingClientRect();
  popover.style.left = Math.max(8, Math.min(b.left, innerWidth - m.width - 8)) + 'px';
  popover.style.top = (b.bottom + m.height + 8 > innerHeight ? Math.max(8, b.top - m.height - 4) : b.bottom + 4) + 'px';
  const items = () => [...popover.querySelectorAll('[role=menuitem]:not([hidden]):not(:disabled)')];
  items()[0]?.focus();
  popover.onkeydown = (e) => {
    const list = items(), i = list.indexOf(document.activeElement);
    const to = { ArrowDown: (i + 1) % list.length, ArrowUp: (i + list.length - 1) % list.length, Home: 0, End: list.length - 1 }[e.key];
    if (to !== undefined) { e.preventDefault(); list[to].focus(); }
    if (e.key === 'Tab') popover.hidePopover();
    else if (e.key.length === 1) list.find((el, n) => n > i && el.textContent.trim().toLowerCase().startsWith(e.key))?.focus();
    e.stopPropagation();
  };
  popover.addEventListener('toggle', function closed(e) {
    if (/** @type {any} */ (e).newState !== 'closed') return;
    popover.removeEventListener('toggle', closed);
    if (document.activeElement === document.body || popover.contains(document.activeElement)) back.focus();
    release();
  });
}
