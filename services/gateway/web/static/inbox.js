// @ts-check
// The inbox by keys: j and k go through the queue, 1 to 4 decide, and after a
// decision the next piece of feedback is there.
import { roving, past } from './view.js';

const rows = () => [...document.querySelectorAll('.queue-row')].map((r) => /** @type {HTMLElement} */ (r));
const open = (row) => { row?.focus(); row?.click(); row?.scrollIntoView({ block: 'nearest' }); };

document.addEventListener('keydown', (e) => {
  const el = /** @type {Element} */ (e.target);
  if (e.ctrlKey || e.metaKey || e.altKey || el.closest('input, textarea, select, dialog')) return;
  const all = rows(), i = all.findIndex((r) => r.classList.contains('on')), letters = document.body.dataset.letters !== 'off';
  const arrows = el.closest('.queue-row');
  if ((letters && e.key === 'j') || (arrows && e.key === 'ArrowDown')) open(all[i + 1]);
  else if ((letters && e.key === 'k') || (arrows && e.key === 'ArrowUp')) open(all[Math.max(0, i - 1)]);
  else if (letters && !past && /^[1-9]$/.test(e.key)) {
    const button = /** @type {HTMLElement|null} */ (document.querySelector(`[data-decide="${e.key}"]`));
    if (!button) return;
    button.click();
  } else return;
  e.preventDefault();
});

document.addEventListener('done', () => {
  const all = rows(), i = all.findIndex((r) => r.classList.contains('on'));
  open(all[i + 1] ?? all[i - 1]);
});

roving('.queue-row');
