import type { SlideEntry, SlideView } from '../../src/view/messages.js';
import { h } from '../dom.js';
import { count } from '../format.js';
import { formatPlace, wholeList } from '../permalink.js';
import { themeButton } from '../theme.js';

export interface ToolbarActions {
  step(by: 1 | -1): void;
  find(id: string): void;
  zoom(factor: number): void;
  whole(): void;
  picture(): void;
  beside(): void;
  fullscreen(): void;
  help(): void;
}

/** What stands above the slide. */
export function toolbar(
  slide: SlideView,
  slides: readonly SlideEntry[],
  actions: ToolbarActions,
): { element: HTMLElement; find: HTMLInputElement } {
  const word = (text: string, title: string, act: () => void) =>
    h('button', { type: 'button', class: 'quiet', title, onclick: act }, text);
  /** A button with a sign in place of a word. */
  const sign = (text: string, title: string, act: () => void) =>
    h(
      'button',
      { type: 'button', class: 'quiet', title, 'aria-label': title, onclick: act },
      h('span', { 'aria-hidden': 'true' }, text),
    );
  const at = slides.findIndex(({ key }) => key === slide.key);
  const find = h('input', {
    type: 'search',
    placeholder: 'Nucleus id',
    'aria-label': 'Find a nucleus by its id',
    size: 14,
    spellcheck: 'false',
  });
  const form = h('form', { role: 'search' }, find);
  form.onsubmit = (event) => {
    event.preventDefault();
    if (find.value.trim()) actions.find(find.value.trim());
  };
  const element = h(
    'header',
    { class: 'bar' },
    h('a', { href: formatPlace(wholeList), class: 'back' }, '‹ Slides'),
    h('h1', { title: slide.id }, slide.id),
    slide.state !== 'done' && h('span', { class: `state ${slide.state}` }, slide.state),
    slides.length > 1 &&
      h(
        'span',
        { class: 'walk' },
        sign('◂', 'Previous slide (p)', () => actions.step(-1)),
        at >= 0 && h('span', { class: 'soft' }, `${count(at + 1)} / ${count(slides.length)}`),
        sign('▸', 'Next slide (n)', () => actions.step(1)),
      ),
    h('span', { class: 'grow' }),
    'count' in slide.nuclei && form,
    h(
      'span',
      { class: 'group' },
      sign('−', 'Zoom out (-)', () => actions.zoom(1 / 2)),
      sign('+', 'Zoom in (+)', () => actions.zoom(2)),
      word('Fit', 'The whole slide (f)', () => actions.whole()),
    ),
    slides.length > 1 && word('Side by side', 'Another slide beside this one', () => actions.beside()),
    word('PNG', 'Save the view as a picture', () => actions.picture()),
    word('Full screen', 'The page without the browser', () => actions.fullscreen()),
    themeButton(),
    sign('?', 'Help (?)', () => actions.help()),
  );
  return { element, find };
}
