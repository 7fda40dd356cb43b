// @ts-check
// The board: cards move by mouse, by touch, by keys, by menu and by dialog. A
// card moves at once; if the server refuses, it goes back and the reason is
// shown, or asked for.
import { hold, refetch } from './live.js';
import { command, toast, say, ask, reason, roving, menu, past } from './view.js';

const $ = (selector, root = document) => /** @type {HTMLElement|null} */ (root.querySelector(selector));
const board = () => $('#board');
const columns = () => [...document.querySelectorAll('.column')].map((c) => /** @type {HTMLElement} */ (c));
const cardOf = (el) => /** @type {HTMLElement|null} */ (el?.closest?.('.card') ?? null);
const columnOf = (el) => /** @type {HTMLElement} */ (el.closest('.column'));
const cardsOf = (column) => [...column.querySelectorAll('.card')];
const titleOf = (column) => $('h2', column)?.textContent ?? '';
const keyOf = (card) => $('.key', card)?.textContent ?? '';
const idOf = (card) => card.id.slice('card-'.length);
const pathOf = (card) => (board()?.dataset.move ?? '').replace('{id}', idOf(card));

function count(column, by) {
  const el = $('[data-count]', column);
  if (el) el.textContent = String(Number(el.textContent) + by);
}

/** What puts card back where it is now. */
function remember(card, list = card.parentElement, next = card.nextElementSibling) {
  return () => list.insertBefore(card, next?.parentElement === list ? next : null);
}

/**
 * Sends the move of a card that already stands in its new column.
 * @param {HTMLElement} card @param {HTMLElement} from @param {() => void} back @param {() => void} [release]
 */
async function send(card, from, back, release) {
  const to = columnOf(card);
  const focused = card.contains(document.activeElement);
  count(from, -1);
  count(to, 1);
  card.setAttribute('aria-busy', 'true');
  const sent = command(pathOf(card), { to: to.dataset.state }, card.dataset.version, idOf(card));
  release?.();
  const result = await sent;
  card.removeAttribute('aria-busy');
  if (result.ok && !result.proposal) {
    if (result.version) card.dataset.version = result.version;
    say(`${keyOf(card)} moved to ${titleOf(to)}; it holds ${$('[data-count]', to)?.textContent}`);
    return;
  }
  const flying = flight(card);
  back();
  if (focused) $('.card-title', card)?.focus(); // before it flies: a focus outside of its list would scroll that sideways
  flying();
  count(from, 1);
  count(to, -1);
  refetch($('#kanban'));
  if (result.proposal) return;
  const field = JSON.parse(board()?.dataset.ask ?? '{}')[result.json.code];
  if (field) return dialog(card, to.dataset.state, reason(result.json), field);
  toast(`${keyOf(card)} was not moved: ${reason(result.json)}`, 'danger');
}

/** Lets a card that goes back be seen going. */
function flight(card) {
  const a = card.getBoundingClientRect();
  return () => {
    const b = card.getBoundingClientRect();
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
      card.animate([{ transform: `translate(${a.left - b.left}px, ${a.top - b.top}px)` }, { transform: 'none' }], { duration: 180, easing: 'ease-out' });
    }
  };
}

function move(card, column) {
  if (past || card.ariaBusy === 'true' || !column || column === columnOf(card)) return;
  const from = columnOf(card), back = remember(card), focused = card.contains(document.activeElement);
  $('.cards', column)?.prepend(card);
  if (focused) $('.card-title', card)?.focus();
  send(card, from, back);
}

function dialog(card, to, intro = '', focus = '') {
  ask(/** @type {HTMLDialogElement} */ ($('#move-dialog')), {
    path: pathOf(card), version: card.dataset.version, id: idOf(card), title: `Move ${keyOf(card)}`, intro,
    values: focus === 'override' ? { to, override: true } : { to }, focus: focus ? 'reason' : 'to', done: `${keyOf(card)} moved`,
  });
}

function openMenu(card) {
  const popover = $('#move-menu'), column = columnOf(card);
  if (!popover || past) return;
  const next = column.dataset.next?.split(' ').filter(Boolean) ?? [];
  for (const item of popover.querySelectorAll('[data-to]')) {
    const to = item.getAttribute('data-to');
    /** @type {HTMLButtonElement} */ (item).disabled = to === column.dataset.state || (next.length > 0 && !next.includes(to ?? ''));
  }
  $('[data-open]', popover)?.setAttribute('href', $('.card-title', card)?.getAttribute('href') ?? '');
  menu(popover, $('.card-menu', card), $('.card-title', card));
  popover.onclick = (e) => {
    const item = /** @type {HTMLElement|null} */ (/** @type {Element} */ (e.target).closest('[role=menuitem]'));
    if (!item) return;
    popover.hidePopover();
    if (item.dataset.to) move(card, columns().find((c) => c.dataset.state === item.dataset.to));
    if ('askReason' in item.dataset) dialog(card, '');
  };
}

document.addEventListener('click', (e) => {
  const button = /** @type {Element} */ (e.target).closest('[data-menu]');
  const card = button && cardOf(button);
  if (card && board()?.contains(card)) openMenu(card);
});

document.addEventListener('keydown', (e) => {
  const card = cardOf(e.target);
  if (!card || e.ctrlKey || e.metaKey || e.altKey) return;
  const all = columns(), column = columnOf(card), i = all.indexOf(column), cards = cardsOf(column), n = cards.indexOf(card);
  const go = (el) => { $('.card-title', el)?.focus(); el?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); };
  const beside = (step) => {
    for (let c = i + step; all[c]; c += step) if (cardsOf(all[c]).length) return go(cardsOf(all[c])[Math.min(n, cardsOf(all[c]).length - 1)]);
  };
  const key = (e.shiftKey ? 'Shift+' : '') + e.key;
  const does = {
    ArrowLeft: () => beside(-1), ArrowRight: () => beside(1), ArrowUp: () => go(cards[n - 1]), ArrowDown: () => go(cards[n + 1]),
    Home: () => go(cards[0]), End: () => go(cards[cards.length - 1]),
    'Shift+ArrowLeft': () => move(card, all[i - 1]), 'Shift+ArrowRight': () => move(card, all[i + 1]),
    m: () => openMenu(card), '.': () => openMenu(card),
  }[key];
  if (!does || (key.length === 1 && document.body.dataset.letters === 'off')) return;
  e.preventDefault();
  does();
});

/** Makes every list a place to drag from and to. */
function sortable() {
  const Sortable = /** @type {any} */ (window).Sortable;
  if (past || !Sortable || !board()) return;
  for (const list of document.querySelectorAll('.cards')) {
    if (Sortable.get(list)) continue;
    let release = () => {}, back = () => {};
    Sortable.create(list, {
      group: 'board', sort: false, draggable: '.card', filter: 'button', preventOnFilter: false, animation: 120,
      forceFallback: true, fallbackOnBody: true, fallbackTolerance: 4, delay: 180, delayOnTouchOnly: true, scrollSensitivity: 60, bubbleScroll: true,
      onStart: ({ item }) => {
        release = hold();
        back = remember(item);
        const next = columnOf(item).dataset.next?.split(' ').filter(Boolean) ?? [];
        for (const c of columns()) c.classList.toggle('column-closed', c !== columnOf(item) && next.length > 0 && !next.includes(c.dataset.state ?? ''));
        document.body.classList.add('dragging');
      },
      onEnd: ({ item, from, to }) => {
        document.body.classList.remove('dragging');
        for (const c of columns()) c.classList.remove('column-closed');
        if (from === to) return release();
        send(item, columnOf(from), back, release);
      },
    });
  }
}

roving('.card .card-title');
document.addEventListener('htmx:after:swap', sortable);
sortable();
