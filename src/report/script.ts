import { createHash } from 'node:crypto';

/**
 * The report's script: it sorts, filters and groups the cards by what the data block of tools.ts says. It writes text
 * only as text, and asks for nothing from elsewhere.
 */
export const script = `
'use strict';
{
  const { columns, measures, slides } = JSON.parse(document.getElementById('data').textContent);
  const tools = document.getElementById('tools');
  const list = document.getElementById('cards');
  const field = (name) => tools.elements[name];
  const entries = [...list.querySelectorAll('article')].map((card, k) => ({ card, ...slides[k] }));
  for (const entry of entries) {
    entry.text = [entry.id, ...entry.columns, ...entry.flags].join('\\n').toLowerCase();
  }
  const numeric = columns.map((_, c) => entries.every(({ columns }) => columns[c] === '' || isFinite(columns[c])));
  const byName = new Intl.Collator('en', { numeric: true }).compare;

  const valueOf = (entry, key) => {
    if (key === 'id') return entry.id;
    if (key === 'flags') return entry.flags.length;
    const index = Number(key.slice(1));
    if (key[0] === 'm') return entry.measures[index];
    const text = entry.columns[index];
    return text === '' ? null : numeric[index] ? Number(text) : text;
  };
  const compare = (a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : byName(a, b));
  const sorted = (chosen, key, direction) =>
    chosen.sort((a, b) => {
      const [x, y] = [valueOf(a, key), valueOf(b, key)];
      if (x === null || y === null) return (x === null) - (y === null); // unknown values last, either way
      return direction * compare(x, y) || byName(a.id, b.id);
    });

  const element = (name, content, className = '') => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...[content].flat());
    return made;
  };
  const groupsOf = (chosen, key) => {
    const groups = new Map();
    for (const entry of chosen) {
      const name = key === 'flags' ? (entry.flags.length ? 'with flags' : 'without flags') : entry.columns[key.slice(1)] || '(none)';
      groups.set(name, [...(groups.get(name) ?? []), entry]);
    }
    return [...groups].sort(([a], [b]) => byName(a, b));
  };
  const shown = (value) =>
    value === undefined ? '–' : value.toLocaleString('en-US', { maximumSignificantDigits: Math.max(3, String(Math.trunc(value)).length) });
  const figure = (group, index, adds) => {
    const values = group.map(({ measures }) => measures[index]).filter((value) => value !== null).sort((a, b) => a - b);
    if (adds) return values.reduce((sum, value) => sum + value, 0);
    const half = values.length / 2;
    return values.length % 2 ? values[half - 0.5] : values.length ? (values[half - 1] + values[half]) / 2 : undefined;
  };
  const table = (groups) => {
    const head = element('tr', ['', 'slides', ...measures.map(({ label }) => label)].map((label) => element('th', label)));
    const rows = groups.map(([name, group]) =>
      element('tr', [
        element('th', name),
        element('td', String(group.length)),
        ...measures.map(({ adds }, index) => element('td', shown(figure(group, index, adds)))),
      ]),
    );
    const note = element('p', 'Nuclei and tissue: sums over the slides shown. All others: medians of these slides.', 'soft');
    return [element('div', element('table', [head, ...rows]), 'scroll numbers'), note];
  };

  const show = () => {
    const words = field('find').value.toLowerCase().split(/\\s+/).filter(Boolean);
    const chosen = entries.filter(({ text }) => words.every((word) => text.includes(word)));
    sorted(chosen, field('sort').value, field('down').checked ? -1 : 1);
    const key = field('group').value;
    const grid = (group) => element('div', group.map(({ card }) => card), 'cards');
    const groups = key ? groupsOf(chosen, key) : [];
    document.getElementById('groups').replaceChildren(...(key && chosen.length ? table(groups) : []));
    list.replaceChildren(...(key ? groups.flatMap(([name, group]) => [element('h3', name), grid(group)]) : [grid(chosen)]));
    field('count').value = chosen.length + ' of ' + entries.length + ' slides';
  };
  tools.addEventListener('input', show);
  tools.addEventListener('submit', (event) => event.preventDefault());
  // A link to a card that was filtered out brings it back.
  addEventListener('hashchange', () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const entry = entries.find(({ card }) => card.id === id);
    if (!entry || entry.card.isConnected) return;
    field('find').value = '';
    show();
    entry.card.scrollIntoView();
  });
  tools.hidden = false;
  show();
}
`;

/** Forbids the page to fetch anything, and any script but this one, whatever a manifest may smuggle in. */
export const contentSecurityPolicy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`;
