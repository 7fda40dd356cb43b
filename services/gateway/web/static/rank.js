// @ts-check
// A ranked list: rows move by mouse, by Shift and arrows, and by menu.
import { hold, refetch } from './live.js';
import { command, toast, say, reason, roving, menu, past } from './view.js';

const $ = (selector, root = document) => /** @type {HTMLElement|null} */ (root.querySelector(selector));
const table = () => $('#ranks');
const rows = () => [...document.querySelectorAll('.rank')].map((r) => /** @type {HTMLElement} */ (r));
const rowOf = (el) => /** @type {HTMLElement|null} */ (el?.closest?.('.rank') ?? null);
const focus = (row) => { $('.rank-title', row)?.focus(); row?.scrollIntoView({ block: 'nearest' }); };
const able = () => !past && Boolean(table()?.dataset.move);

/** Sends where a row stands now; at is "before" or "after" another row. */
async function send(row, at, back, release) {
  const to = table();
  if (!to) return;
  row.setAttribute('aria-busy', 'true');
  const focused = row.contains(document.activeElement);
  // No version is sent: a move changes one rank, so two people who move
  // different items at a time both get what they want.
  const path = (to.dataset.move ?? '').replace('{at}', 'before' in at ? 'before' : 'after');
  const sent = command(path, { item: row.dataset.id, ...at }, '', row.dataset.id);
  release?.();
  const result = await sent;
  row.removeAttribute('aria-busy');
  if (result.ok && !result.proposal) {
    say(`${row.dataset.key} ranked, row ${rows().indexOf(row) + 1} of ${rows().length}`);
    return;
  }
  back();
  if (focused) focus(row);
  refetch($('#backlog'));
  if (!result.proposal) toast(`${row.dataset.key} was not ranked: ${reason(result.json)}`, 'danger');
}

/** Where a row stands, said by its neighbour. */
function beside(row) {
  const above = row.previousElementSibling, below = row.nextElementSibling;
  return below ? { before: below.dataset.id } : { after: above?.dataset.id };
}

function remember(row, list = row.parentElement, next = row.nextElementSibling) {
  return () => list.insertBefore(row, next);
}

function step(row, by) {
  const all = rows(), other = all[all.indexOf(row) + by];
  if (!able() || !other || row.ariaBusy === 'true') return;
  const back = remember(row);
  other[by < 0 ? 'before' : 'after'](row);
  focus(row);
  send(row, by < 0 ? { before: other.dataset.id } : { after: other.dataset.id }, back);
}

/** To the top or the bottom of the whole order, of which this page may be a part. */
function far(row, top) {
  const data = table()?.dataset ?? {}, id = top ? data.first : data.last;
  if (!able() || id === row.dataset.id) return;
  const back = remember(row), list = row.parentElement;
  if (rows().some((r) => r.dataset.id === id)) list?.[top ? 'prepend' : 'append'](row);
  focus(row);
  send(row, top ? { before: id } : { after: id }, back);
}

function openMenu(row) {
  const popover = $('#rank-menu');
  if (!popover || !able()) return;
  $('[data-open]', popover)?.setAttribute('href', $('.rank-title', row)?.getAttribute('href') ?? '');
  menu(popover, $('[data-menu]', row), $('.rank-title', row));
  popover.onclick = (e) => {
    const to = /** @type {HTMLElement|null} */ (/** @type {Element} */ (e.target).closest('[data-rank]'))?.dataset.rank;
    if (!to) return;
    popover.hidePopover();
    if (to === 'up' || to === 'down') step(row, to === 'up' ? -1 : 1); else far(row, to === 'top');
  };
}

document.addEventListener('click', (e) => {
  const button = /** @type {Element} */ (e.target).closest('[data-menu]');
  const row = button && rowOf(button);
  if (row) openMenu(row);
});

document.addEventListener('keydown', (e) => {
  const row = rowOf(e.target);
  if (!row || e.ctrlKey || e.metaKey || e.altKey) return;
  const all = rows(), i = all.indexOf(row);
  const does = {
    ArrowUp: () => all[i - 1] && focus(all[i - 1]), ArrowDown: () => all[i + 1] && focus(all[i + 1]),
    Home: () => focus(all[0]), End: () => focus(all[all.length - 1]),
    'Shift+ArrowUp': () => step(row, -1), 'Shift+ArrowDown': () => step(row, 1),
    m: () => openMenu(row), '.': () => openMenu(row),
  }[(e.shiftKey ? 'Shift+' : '') + e.key];
  if (!does || (e.key.length === 1 && document.body.dataset.letters === 'off')) return;
  e.preventDefault();
  does();
});

function sortable() {
  const Sortable = /** @type {any} */ (window).Sortable, list = $('#ranks-body');
  if (!Sortable || !list || !able() || Sortable.get(list)) return;
  let release = () => {}, back = () => {};
  Sortable.create(list, {
    draggable: '.rank', filter: 'button', preventOnFilter: false, animation: 120, forceFallback: true, fallbackTolerance: 4, delay: 180, delayOnTouchOnly: true,
    onStart: ({ item }) => { release = hold(); back = remember(item); document.body.classList.add('dragging'); },
    onEnd: ({ item, oldIndex, newIndex }) => {
      document.body.classList.remove('dragging');
      if (oldIndex === newIndex) return release();
      send(item, beside(item), back, release);
    },
  });
}

roving('.rank-title');
document.addEventListener('htmx:after:swap', sortable);
sortable();
