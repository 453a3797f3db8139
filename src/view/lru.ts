// Knows nothing of Node, since the page uses it too.

/** Things by key, of which those that were not used for longest go when they are too many bytes together. */
export class Lru<K, V> {
  readonly #entries = new Map<K, { readonly value: V; readonly bytes: number }>();
  #bytes = 0;

  /** @param drop is called with what goes */
  constructor(
    readonly most: number,
    readonly drop: (value: V) => void = () => {},
  ) {}

  /** Gives a thing, and marks it as used. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Puts a thing in, or says that it has grown. */
  set(key: K, value: V, bytes: number): void {
    this.#bytes += bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, { value, bytes });
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.most || oldest === key) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
      this.drop(entry.value);
    }
  }

  delete(key: K): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    this.drop(entry.value);
  }

  each(work: (value: V) => void): void {
    for (const { value } of this.#entries.values()) work(value);
  }

  clear(): void {
    for (const { value } of this.#entries.values()) this.drop(value);
    this.#entries.clear();
    this.#bytes = 0;
  }
}
