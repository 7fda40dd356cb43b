// @ts-check
// The strategy tree by keys and mouse. What is unfolded is kept in the
// address, so that a refresh, a reload and another moment show the same.
import { roving } from './view.js';

const items = () => [...document.querySelectorAll('.node')].map((e) => /** @type {HTMLElement} */ (e)).filter((e) => !e.closest('.children[hidden]'));
const groupOf = (item) => /** @type {HTMLElement|null} */ (item.parentElement?.querySelector(':scope > .children') ?? null);
const opened = () => [...document.querySelectorAll('.node[aria-expanded=true]')].map((e) => /** @type {HTMLElement} */ (e).dataset.id);

function fold(item, open) {
  if (!groupOf(item) || item.getAttribute('aria-expanded') === String(open)) return;
  // What hangs on several things stands in several places, and unfolds in all.
  for (const same of document.querySelectorAll(`.node[data-id="${CSS.escape(item.dataset.id)}"]`)) {
    const group = groupOf(same);
    if (!group) continue;
    same.setAttribute('aria-expanded', String(open));
    group.hidden = !open;
    if (open && !group.childElementCount) group.dispatchEvent(new CustomEvent('open'));
  }
  const q = new URLSearchParams(location.search), ids = opened().slice(0, 100);
  q.set('open', ids.join(',') || 'none'); // without it the server unfolds the strategy
  history.replaceState(history.state, '', location.pathname + (q.size ? '?' + q : ''));
}

document.addEventListener('htmx:config:request', (e) => {
  const ctx = /** @type {CustomEvent} */ (e).detail.ctx;
  if (ctx.sourceElement.id === 'tree') ctx.request.body.set('open', opened().slice(0, 100).join(',') || 'none');
});

document.addEventListener('click', (e) => {
  const el = /** @type {Element} */ (e.target);
  const item = /** @type {HTMLElement|null} */ (el.closest('.node'));
  if (!item || el.closest('a')) return;
  item.focus();
  fold(item, item.getAttribute('aria-expanded') === 'false');
});

document.addEventListener('keydown', (e) => {
  const item = /** @type {HTMLElement|null} */ (/** @type {Element} */ (e.target).closest('.node'));
  if (!item || e.ctrlKey || e.metaKey || e.altKey) return;
  const all = items(), i = all.indexOf(item), open = item.getAttribute('aria-expanded');
  const go = (to) => { to?.focus(); to?.scrollIntoView({ block: 'nearest' }); };
  const does = {
    ArrowDown: () => go(all[i + 1]), ArrowUp: () => go(all[i - 1]), Home: () => go(all[0]), End: () => go(all[all.length - 1]),
    ArrowRight: () => (open === 'false' ? fold(item, true) : open === 'true' && go(all[i + 1])),
    ArrowLeft: () => (open === 'true' ? fold(item, false) : go(item.closest('.children')?.parentElement?.querySelector(':scope > .node'))),
    Enter: () => /** @type {HTMLElement|null} */ (item.querySelector('.node-title') ?? item).click(),
    '*': () => [...(item.parentElement?.parentElement?.children ?? [])].forEach((li) => fold(li.querySelector(':scope > .node'), true)),
  }[e.key];
  if (!does) return;
  e.preventDefault();
  does();
});

roving('.node');
