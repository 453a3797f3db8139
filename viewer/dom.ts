// Elements without a framework: made by `h`, text only ever as text.

type Child = Node | string | number | false | null | undefined;

type Props<K extends keyof HTMLElementTagNameMap> = {
  readonly [
    name in keyof HTMLElementTagNameMap[K] as name extends `on${string}` ? name : never
  ]?: HTMLElementTagNameMap[K][name];
} & { readonly [name: string]: unknown };

/**
 * Makes an element. Names that begin with `on` are handlers, booleans set or leave out an attribute, all else is an
 * attribute's text.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props<K> = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('on')) Object.assign(element, { [name]: value });
    else if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string' || typeof value === 'number')
      element.setAttribute(name, String(value));
  }
  element.append(...nodes(children));
  return element;
}

/** Puts other children into an element. */
export function fill(element: Element, ...children: readonly (Child | readonly Child[])[]): void {
  element.replaceChildren(...nodes(children));
}

function nodes(children: readonly (Child | readonly Child[])[]): (Node | string)[] {
  return children.flat().flatMap((child) => {
    if (child === false || child === null || child === undefined) return [];
    return [typeof child === 'number' ? String(child) : child];
  });
}

/** A square of a class's colour. Set from script: the page's policy knows no style attributes. */
export function swatch(color: string): HTMLElement {
  const element = h('i', { class: 'swatch', 'aria-hidden': 'true' });
  element.style.background = color;
  return element;
}

/** Calls `work` once things have rested for so many ms. */
export function rested(ms: number, work: () => void): () => void {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, ms);
  };
}
