import { addon } from './native.js';

interface Binding {
  release(array: Uint8Array): void;
}

/**
 * Gives the memory of a large array back now; the array is empty then. Left to the garbage collector, which sees only
 * the few bytes of the object, buffers of megabytes each pile up, and its passes over the heap come thick and fast.
 * @param array that owns its buffer as a whole
 */
export function release(array: Uint8Array): void {
  addon<Binding>().release(array);
}
