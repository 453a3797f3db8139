import { h } from '../dom.js';

/** What keys do on the slide's page. */
export interface Actions {
  readonly pan: (x: number, y: number) => void;
  readonly zoom: (factor: number) => void;
  readonly whole: () => void;
  readonly step: (by: 1 | -1) => void;
  readonly toggleClass: (place: number) => void;
  readonly toggleSetAside: () => void;
  readonly toggleFilled: () => void;
  readonly help: () => void;
  readonly leave: () => void;
  readonly find: () => void;
  readonly rectangle: () => void;
  readonly lasso: () => void;
  readonly selectView: () => void;
  readonly list: () => void;
}

const keys: readonly [
  keys: readonly string[],
  shown: string,
  meaning: string,
  act: (actions: Actions) => void,
][] = [
  [['ArrowLeft'], '← → ↑ ↓', 'move', ({ pan }) => pan(-0.15, 0)],
  [['ArrowRight'], '', '', ({ pan }) => pan(0.15, 0)],
  [['ArrowUp'], '', '', ({ pan }) => pan(0, -0.15)],
  [['ArrowDown'], '', '', ({ pan }) => pan(0, 0.15)],
  [['+', '='], '+ −', 'zoom', ({ zoom }) => zoom(1.5)],
  [['-', '_'], '', '', ({ zoom }) => zoom(1 / 1.5)],
  [['f'], 'f', 'whole slide', ({ whole }) => whole()],
  [['n'], 'n p', 'next, previous slide of the list', ({ step }) => step(1)],
  [['p'], '', '', ({ step }) => step(-1)],
  [[], '1 – 9', 'show or hide a class', () => {}],
  [['0'], '0', 'show or hide nuclei that are set aside', ({ toggleSetAside }) => toggleSetAside()],
  [['o'], 'o', 'outlined or filled', ({ toggleFilled }) => toggleFilled()],
  [['r'], 'r', 'select by a rectangle', ({ rectangle }) => rectangle()],
  [['l'], 'l', 'select by a lasso', ({ lasso }) => lasso()],
  [['v'], 'v', 'select what is in view', ({ selectView }) => selectView()],
  [['/'], '/', 'find a nucleus by its id', ({ find }) => find()],
  [['u'], 'u', 'back to the list', ({ list }) => list()],
  [['Escape'], 'Esc', 'let go: a tool, the pinned nucleus', ({ leave }) => leave()],
  [['?'], '?', 'this help', ({ help }) => help()],
];

/** Listens to keys until the signal. Those that belong to a field stay with it. */
export function listenToKeys(actions: Actions, signal: AbortSignal): void {
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (document.querySelector('dialog[open]')) return;
      const typing = target instanceof HTMLElement && target.matches('input, select, textarea');
      const free = target instanceof HTMLInputElement && target.type === 'checkbox';
      if (typing && !free) {
        if (event.key === 'Escape') target.blur();
        return;
      }
      if (/^[1-9]$/.test(event.key)) {
        actions.toggleClass(Number(event.key) - 1);
        return;
      }
      // In a panel that scrolls, arrows are its own.
      if (event.key.startsWith('Arrow') && target instanceof HTMLElement && target.closest('.panel')) return;
      const found = keys.find(([names]) => names.includes(event.key));
      if (!found) return;
      event.preventDefault();
      found[3](actions);
    },
    { signal },
  );
}

export function helpDialog(): HTMLDialogElement {
  const dialog = h('dialog', { 'aria-labelledby': 'help-title' });
  dialog.append(
    h('h2', { id: 'help-title' }, 'Keys'),
    h(
      'table',
      {},
      h(
        'tbody',
        {},
        keys
          .filter(([, shown]) => shown !== '')
          .map(([, shown, meaning]) =>
            h(
              'tr',
              {},
              h(
                'th',
                { scope: 'row' },
                shown
                  .split(' ')
                  .flatMap((key, k) => [k > 0 && ' ', /[–]/.test(key) ? '–' : h('kbd', {}, key)]),
              ),
              h('td', {}, meaning),
            ),
          ),
      ),
    ),
    h(
      'p',
      { class: 'soft' },
      'Drag to move, wheel or pinch to zoom, double-click to zoom in, click a nucleus to pin it. Colours of the slide are shown as the scanner wrote them, without colour management. For research use only.',
    ),
    h('form', { method: 'dialog' }, h('button', {}, 'Close')),
  );
  return dialog;
}
