// How nuclei are shown: what the panels set and the overlay draws. Nothing of it needs a byte from the server.

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
