import { h } from '../dom.js';

/** Rows that are made beyond the view on either side. */
const spare = 8;

/** Rows of a table of which only those in view are made: ten thousand stay as quick as ten. */
export class VirtualRows<T> {
  #items: readonly T[] = [];
  #first = -1;
  #last = -1;

  /**
   * @param scroll what scrolls
   * @param body of the table
   * @param height of a row in px
   * @param make makes the row of an item
   */
  constructor(
    readonly scroll: HTMLElement,
    readonly body: HTMLTableSectionElement,
    readonly height: number,
    readonly columns: number,
    readonly make: (item: T, index: number) => HTMLTableRowElement,
  ) {
    scroll.addEventListener('scroll', () => this.#update(), { passive: true });
    new ResizeObserver(() => this.#update()).observe(scroll);
  }

  set(items: readonly T[]): void {
    this.#items = items;
    this.#first = -1;
    this.#update();
  }

  /** Scrolls until an item is in view. */
  reveal(index: number): void {
    const { scroll, height } = this;
    const head = scroll.querySelector('thead')?.clientHeight ?? 0;
    const top = index * height;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (top + height + head > scroll.scrollTop + scroll.clientHeight) {
      scroll.scrollTop = top + height + head - scroll.clientHeight;
    }
    this.#update();
  }

  #update(): void {
    const { scroll, height } = this;
    const first = Math.max(0, Math.floor(scroll.scrollTop / height) - spare);
    const last = Math.min(
      this.#items.length,
      Math.ceil((scroll.scrollTop + Math.max(scroll.clientHeight, 200)) / height) + spare,
    );
    if (first === this.#first && last === this.#last) return;
    [this.#first, this.#last] = [first, last];
    const rows = this.#items.slice(first, last).map((item, k) => this.make(item, first + k));
    this.body.replaceChildren(this.#gap(first), ...rows, this.#gap(this.#items.length - last));
  }

  /** Stands for rows that are not made. */
  #gap(rows: number): HTMLTableRowElement {
    const cell = h('td', { colspan: this.columns });
    cell.style.height = `${rows * this.height}px`;
    return h('tr', { class: 'gap', 'aria-hidden': 'true' }, cell);
  }
}
