// @ts-check
// The inbox by keys: j and k go through the queue, the figures decide, and after a
// decision the next piece of feedback is there.
import { command, flows, roving, past } from './view.js';

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

/** What was said, as it was said: an excerpt is counted in its characters. */
const said = (form) => [...JSON.parse(form.closest('.voice').dataset.text)];

/** Makes an insight of a quotation, or of all of it, and links it to target. */
async function link(form, { quote, importance, target }) {
  // A page shows line ends as one character, whatever they were.
  const all = said(form), shown = [...all.keys()].filter((i) => all[i] !== '\r'), words = [...(quote ?? '').replaceAll('\r', '').trim()];
  const at = shown.findIndex((_, i) => words.every((c, n) => all[shown[i + n]] === c));
  if (at < 0) return { ok: false, json: { errors: [{ field: 'quote', detail: 'These words are not in the feedback: quote it as it is.' }] } };
  const [start, end] = words.length ? [shown[at], shown[at + words.length - 1] + 1] : [0, all.length];
  const made = await command('/api/v1/insights', { excerpt: { feedback: form.closest('.voice').dataset.id, start, end, text: all.slice(start, end).join('') }, importance });
  return made.ok ? command(`/api/v1/insights/${made.json.id}/link-to`, { target }) : made;
}

flows.link = (_, body, form) => link(form, body);
flows.idea = async (path, { importance, ...body }, form) => {
  const made = await command(path, body);
  return made.ok && !made.proposal ? link(form, { importance, target: { kind: 'idea', id: made.json.id } }) : made;
};

document.addEventListener('done', () => {
  const all = rows(), i = all.findIndex((r) => r.classList.contains('on'));
  open(all[i + 1] ?? all[i - 1]);
});

roving('.queue-row');
