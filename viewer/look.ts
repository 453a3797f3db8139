// How nuclei are shown: what the panels set and the overlay draws. Nothing of it needs a byte from the server.
import type { ClassView, RowView } from '../src/view/messages.js';
import { columnName, words } from './format.js';

export interface Look {
  /** Ids of the classes that are not shown. */
  readonly hidden: ReadonlySet<number>;
  /** Whether nuclei that are set aside are shown. */
  readonly setAside: boolean;
  readonly opacity: number;
  readonly filled: boolean;
  readonly palette: 'model' | 'okabe-ito';
  /** Column that nuclei are coloured by; by class where there is none. */
  readonly column?: string | undefined;
  /** Nuclei with a value below or above are not shown. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Names of the layers that are shown. */
  readonly layers: ReadonlySet<string>;
}

export const firstLook: Look = {
  hidden: new Set(),
  setAside: false,
  opacity: 0.8,
  filled: false,
  palette: 'model',
  layers: new Set(),
};

/** Says why a nucleus is not shown; undefined if it is. */
export function hiddenBy(look: Look, classes: readonly ClassView[], { values }: RowView): string | undefined {
  const valueOf = (name: string) => values.find((value) => value.name === name)?.value;
  const { hidden, setAside, column, min = -Infinity, max = Infinity } = look;
  const name = valueOf('class');
  const quality = valueOf('quality');
  if (quality !== 'ok') return setAside ? undefined : `it is set aside (${quality})`;
  if (classes.some((each) => each.name === name && hidden.has(each.id)))
    return `its class, ${words(String(name))}, is off`;
  if (column === undefined) return undefined;
  const value = valueOf(column);
  const within = typeof value === 'number' && value >= min && value <= max;
  return within || (min === -Infinity && max === Infinity)
    ? undefined
    : `its ${columnName(column)} is beyond the thresholds`;
}

/** A value, and those who want to know when it changes. */
export class Store<T> {
  readonly #listeners = new Set<(value: T) => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    for (const listener of this.#listeners) listener(value);
  }

  change(part: Partial<T>): void {
    this.set({ ...this.#value, ...part });
  }

  /** Calls the listener now and at every change. */
  watch(listener: (value: T) => void): void {
    this.#listeners.add(listener);
    listener(this.#value);
  }
}
