import { h } from './dom.js';

const stored = 'hoverslide-theme';

/** Takes the theme that was chosen here before; without one, the system's. */
export function restoreTheme(): void {
  apply(read());
}

/** The button that changes between light and dark. */
export function themeButton(): HTMLButtonElement {
  const sign = h('span', { 'aria-hidden': 'true' }, '◐');
  const name = 'Light or dark';
  const button = h('button', { type: 'button', class: 'quiet', title: name, 'aria-label': name }, sign);
  button.onclick = () => {
    const dark = document.documentElement.dataset['theme']
      ? document.documentElement.dataset['theme'] === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    const next = dark ? 'light' : 'dark';
    apply(next);
    try {
      localStorage.setItem(stored, next);
    } catch {
      // a browser that keeps nothing: the choice lasts as long as the page
    }
  };
  return button;
}

function read(): string | null {
  try {
    return localStorage.getItem(stored);
  } catch {
    return null;
  }
}

function apply(theme: string | null): void {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme;
}
