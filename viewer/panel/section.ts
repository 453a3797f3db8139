import { h } from '../dom.js';

/** A part of the panel beside the slide, which can be folded. */
export function section(title: string, ...children: readonly (Node | string)[]): HTMLDetailsElement {
  return h('details', { class: 'section', open: true }, h('summary', {}, h('h2', {}, title)), ...children);
}
