import { causeOf } from './onnx-error.js';

/**
 * Opens a session with the largest batch that fits the device's memory. Starts with the wanted batch and halves it
 * until it fits.
 * @param attempt opens a session and runs one batch of that many patches
 * @throws any other error of `attempt`, and its last error if a single patch does not fit
 */
export async function largestBatch<Session>(
  wanted: number,
  attempt: (batch: number) => Promise<Session>,
): Promise<{ session: Session; batch: number; notices: string[] }> {
  for (let batch = wanted; ; batch = Math.floor(batch / 2)) {
    try {
      const session = await attempt(batch);
      const notices =
        batch === wanted
          ? []
          : [`the device has no memory for batches of ${wanted} patches: they are of ${batch}`];
      return { session, batch, notices };
    } catch (error) {
      if (batch === 1 || causeOf(error) !== 'memory') throw error;
    }
  }
}
