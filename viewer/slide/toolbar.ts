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
  const button = (label: string, text: string, act: () => void) => {
    const made = h('button', { type: 'button', class: 'quiet', title: label, onclick: act }, text);
    if (label !== text) made.setAttribute('aria-label', label);
    return made;
  };
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
        button('Previous slide (p)', '◂', () => actions.step(-1)),
        at >= 0 && h('span', { class: 'soft' }, `${count(at + 1)} / ${count(slides.length)}`),
        button('Next slide (n)', '▸', () => actions.step(1)),
      ),
    h('span', { class: 'grow' }),
    'count' in slide.nuclei && form,
    h(
      'span',
      { class: 'group' },
      button('Zoom out (-)', '−', () => actions.zoom(1 / 2)),
      button('Zoom in (+)', '+', () => actions.zoom(2)),
      button('Whole slide (f)', 'Fit', () => actions.whole()),
    ),
    slides.length > 1 && button('Another slide beside this one', 'Side by side', () => actions.beside()),
    button('Save the view as a PNG', 'PNG', () => actions.picture()),
    button('Full screen', 'Full screen', () => actions.fullscreen()),
    themeButton(),
    button('Help (?)', '?', () => actions.help()),
  );
  return { element, find };
}
