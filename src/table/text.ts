/** Decimals of an outline's coordinates: a hundredth of a pixel, and whole pixels stay whole. */
export const outlineDecimals = 2;

/** A number for a text format: rounded half away from zero by its exact value, without trailing zeros, never an exponent. */
export function decimal(value: number, decimals: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(decimals)));
}

/**
 * Gathers text into chunks of exactly one size, however it comes in: neither the memory nor the chunks that a
 * compressor sees depend on the caller.
 */
export class ChunkedText {
  private chunk = Buffer.allocUnsafe(chunkSize);
  private length = 0;

  /** @param write takes a chunk; the next one waits for it */
  constructor(private readonly write: (chunk: Buffer) => Promise<void>) {}

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) {
      const copied = bytes.copy(this.chunk, this.length, at);
      at += copied;
      this.length += copied;
      if (this.length === chunkSize) await this.flush();
    }
  }

  /** Hands over what is left. */
  async end(): Promise<void> {
    if (this.length > 0) await this.flush();
  }

  private async flush(): Promise<void> {
    const full = this.chunk.subarray(0, this.length);
    this.chunk = Buffer.allocUnsafe(chunkSize);
    this.length = 0;
    await this.write(full);
  }
}

const chunkSize = 1 << 20;
