import { compress, decompress, init } from '@bokuweb/zstd-wasm';
import { setTimeout as delay } from 'node:timers/promises';
import { HoverslideError } from '../errors.js';
import { withoutWasmReservation } from '../machine.js';

/** Level 3 is zstd's own default. Higher levels cost more time than they save bytes on outlines. */
const level = 3;

/**
 * Milliseconds to wait for the library. If its memory is refused, it neither resolves nor rejects. Otherwise it takes
 * milliseconds.
 */
const patience = 10_000;

let ready: Promise<void> | undefined;

/**
 * Opens Zstandard in the form that Parquet libraries expect. It runs in WebAssembly, because Node 20 has none of its
 * own, and because the same bytes must come out on every version of Node.
 * @throws HoverslideError `unavailable` where a limit on the address space leaves no room for it
 */
export async function zstd() {
  await (ready ??= open());
  return {
    compress: (bytes: Uint8Array): Uint8Array => compress(bytes, level),
    decompress: (bytes: Uint8Array, size: number): Uint8Array => decompress(bytes, { defaultHeapSize: size }),
  };
}

async function open(): Promise<void> {
  const over = new AbortController();
  const late = delay(patience, 'late', { signal: over.signal }).catch(() => undefined);
  const first = await Promise.race([init(), late]);
  over.abort();
  if (first === 'late') {
    throw new HoverslideError(
      'unavailable',
      'zstd: its WebAssembly memory was refused, as a limit on the address space (ulimit -v, h_vmem) does; ' +
        `lift the limit, or set NODE_OPTIONS=${withoutWasmReservation}`,
    );
  }
}
