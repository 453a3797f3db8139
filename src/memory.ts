import { addon } from './native.js';

/**
 * Frees the memory of a large array at once; the array is empty afterwards. The garbage collector sees only the few
 * bytes of the object: left to it, buffers of megabytes pile up, and it runs more and more often.
 * @param array that owns its buffer as a whole
 */
export function release(array: Uint8Array): void {
  addon().release(array);
}
