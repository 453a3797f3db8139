/** Decimals of an outline's coordinates: hundredths of a pixel. Whole pixels stay whole. */
export const outlineDecimals = 2;

/**
 * Returns a number for a text format: rounded half away from zero by its exact value, without trailing zeros, never
 * with an exponent.
 */
export function decimal(value: number, decimals: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(decimals)));
}

/**
 * Text that is gathered into chunks of exactly one size. The pieces in which it comes do not matter: neither the memory
 * nor the chunks that a compressor sees depend on the caller.
 */
export class ChunkedText {
  private chunk = Buffer.allocUnsafe(chunkSize);
  private length = 0;

  /** @param write takes a chunk; the next chunk waits for it */
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

  /** Hands over the rest of the text. */
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
