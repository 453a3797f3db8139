import { compress, decompress, init } from '@bokuweb/zstd-wasm';

/** Level 3, zstd's own default: higher ones cost more time than they save bytes on outlines. */
const level = 3;

let ready: Promise<void> | undefined;

/**
 * Zstandard as Parquet libraries ask for it. WebAssembly, because Node 20 has none of its own, and because the same
 * bytes must come out whatever Node it runs on.
 */
export async function zstd() {
  await (ready ??= init());
  return {
    compress: (bytes: Uint8Array): Uint8Array => compress(bytes, level),
    decompress: (bytes: Uint8Array, size: number): Uint8Array => decompress(bytes, { defaultHeapSize: size }),
  };
}
