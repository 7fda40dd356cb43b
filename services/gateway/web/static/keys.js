// @ts-check
// Keys that work on every page. Single letters only outside of fields, and
// not at all if the person has switched them off (WCAG 2.1.4).

let waiting = 0;
const field = (el) => el.closest?.('input, textarea, select, [contenteditable]');

document.addEventListener('keydown', (e) => {
  const el = /** @type {Element} */ (e.target);
  if (e.altKey && e.code === 'KeyT') {
    e.preventDefault();
    /** @type {any} */ (document.getElementById('as-of'))?.togglePopover();
    document.getElementById('as-of-at')?.focus();
  }
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.key.length !== 1 || field(el) || el.closest('dialog')) return;
  if (document.body.dataset.letters === 'off') return;
  if (Date.now() - waiting < 1200) {
    waiting = 0;
    /** @type {HTMLElement|null} */ (document.querySelector(`.sidebar [data-go="${CSS.escape(e.key)}"]`))?.click();
    return;
  }
  if (e.key === 'g') waiting = Date.now();
  else if (e.key === '?') /** @type {HTMLDialogElement} */ (document.getElementById('keys'))?.showModal();
  else if (e.key === '[') /** @type {HTMLElement} */ (document.querySelector('[data-sidebar]'))?.click();
  else if (e.key === '/') /** @type {HTMLElement} */ (document.querySelector('[data-filter]'))?.focus();
  else return;
  e.preventDefault();
});
