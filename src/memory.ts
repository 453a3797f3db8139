import { addon } from './native.js';

/**
 * Frees the memory of a large array at once; the array is empty afterwards. The garbage collector sees only the few
 * bytes of the object. Without this call, buffers of megabytes pile up, and the collector runs more and more often.
 * @param array that owns its whole buffer
 */
export function release(array: Uint8Array): void {
  addon().release(array);
}
