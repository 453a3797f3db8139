/** What was used last, up to so many bytes. */
export class ByteCache {
  readonly #entries = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(readonly most: number) {}

  get(name: string): Uint8Array | undefined {
    const found = this.#entries.get(name);
    if (found) {
      this.#entries.delete(name);
      this.#entries.set(name, found); // at the end, where the last used one is
    }
    return found;
  }

  set(name: string, bytes: Uint8Array): void {
    this.#bytes += bytes.length - (this.#entries.get(name)?.length ?? 0);
    this.#entries.delete(name);
    this.#entries.set(name, bytes);
    for (const [oldest, { length }] of this.#entries) {
      if (this.#bytes <= this.most) return;
      this.#entries.delete(oldest);
      this.#bytes -= length;
    }
  }
}
