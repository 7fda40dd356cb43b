// @ts-check
// Search: the palette (Ctrl+K) over pages and items, and the same list under
// every field that chooses an item.

/**
 * Makes an input choose from the options of a list with the arrow keys.
 * @param {HTMLInputElement} input @param {HTMLElement} list @param {(option: HTMLElement) => void} choose
 */
function combobox(input, list, choose) {
  const options = () => [...list.querySelectorAll('[role=option]:not([hidden])')].map((o) => /** @type {HTMLElement} */ (o));
  let at = 0;
  const mark = (to = 0) => {
    const all = options();
    at = all.length ? (to + all.length) % all.length : 0;
    for (const o of list.querySelectorAll('[role=option]')) o.setAttribute('aria-selected', String(o === all[at]));
    if (all[at]) input.setAttribute('aria-activedescendant', all[at].id); else input.removeAttribute('aria-activedescendant');
    all[at]?.scrollIntoView({ block: 'nearest' });
  };
  input.addEventListener('keydown', (e) => {
    if (e.key === 'ArrowDown') mark(at + 1);
    else if (e.key === 'ArrowUp') mark(at - 1);
    else if (e.key === 'Enter' && options()[at] && !list.hidden) choose(options()[at]);
    else return;
    e.preventDefault();
  });
  list.addEventListener('pointermove', (e) => {
    const o = /** @type {HTMLElement|null} */ (/** @type {Element} */ (e.target).closest('[role=option]'));
    if (o && o.ariaSelected !== 'true') mark(options().indexOf(o));
  });
  list.addEventListener('click', (e) => {
    const o = /** @type {HTMLElement|null} */ (/** @type {Element} */ (e.target).closest('[role=option]'));
    if (!o || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    choose(o);
  });
  return mark;
}

/** Fetches the options for what was typed; only the newest answer counts. */
function finder(into, of = '') {
  let asked = new AbortController(), timer = 0;
  return (text, then) => {
    asked.abort();
    clearTimeout(timer);
    if (text.trim().length < 2) { into.replaceChildren(); return then(); }
    asked = new AbortController();
    const { signal } = asked;
    timer = setTimeout(async () => {
      const q = new URLSearchParams({ q: text.trim() });
      if (of) q.set('of', of);
      const asOf = new URLSearchParams(location.search).get('asOf');
      if (asOf) q.set('asOf', asOf);
      const answer = await fetch('/search?' + q, { signal, headers: { 'HX-Request': 'true' } }).catch(() => null);
      if (signal.aborted) return;
      into.innerHTML = answer?.ok ? await answer.text() : '<div class="options-note">The search does not answer.</div>';
      then();
    }, 120);
  };
}

const palette = /** @type {HTMLDialogElement|null} */ (document.getElementById('palette'));
if (palette) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById('palette-input'));
  const list = /** @type {HTMLElement} */ (document.getElementById('palette-list'));
  const pages = [...palette.querySelectorAll('#palette-pages [role=option]')].map((o) => /** @type {HTMLElement} */ (o));
  const mark = combobox(input, list, (o) => { location.href = /** @type {HTMLAnchorElement} */ (o).href; });
  const find = finder(document.getElementById('palette-items'));
  const search = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const p of pages) p.hidden = !words.every((w) => p.dataset.text?.toLowerCase().includes(w));
    mark();
    find(input.value, mark);
  };
  input.addEventListener('input', search);
  const open = () => {
    if (palette.open) return palette.close();
    palette.showModal();
    input.select();
    search();
  };
  document.addEventListener('keydown', (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.key.toLowerCase() !== 'k') return;
    e.preventDefault();
    open();
  });
  document.addEventListener('click', (e) => { if (/** @type {Element} */ (e.target).closest('[data-palette]')) open(); });
}

/** Fields that choose an item are made to search when they are first used. */
document.addEventListener('focusin', (e) => {
  const input = /** @type {HTMLInputElement} */ (e.target);
  const picker = /** @type {HTMLElement|null} */ (input.closest?.('[data-picker]'));
  if (!picker || picker.dataset.ready) return;
  picker.dataset.ready = 'yes';
  const value = /** @type {HTMLInputElement} */ (picker.querySelector('input[type=hidden]'));
  const kind = /** @type {HTMLInputElement|null} */ (picker.querySelector('input[data-kind]'));
  const list = /** @type {HTMLElement} */ (picker.querySelector('[role=listbox]'));
  const show = (on) => { list.hidden = !on; input.setAttribute('aria-expanded', String(on)); };
  const mark = combobox(input, list, (o) => {
    value.value = o.dataset.id ?? '';
    if (kind) kind.value = o.dataset.kind ?? '';
    input.value = `${o.dataset.key} ${o.querySelector('.option-title')?.textContent}`;
    show(false);
  });
  const find = finder(list, picker.dataset.picker);
  input.addEventListener('input', () => {
    value.value = '';
    find(input.value, () => { show(list.childElementCount > 0); mark(); });
  });
  input.addEventListener('blur', () => setTimeout(() => show(false), 150));
  input.addEventListener('keydown', (k) => {
    if (k.key === 'Escape' && !list.hidden) { k.preventDefault(); k.stopPropagation(); show(false); }
  });
});
