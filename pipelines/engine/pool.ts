import { Piscina } from 'piscina';
import { HoverslideError, errorLine } from '../../src/errors.js';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import type { SeamlessConstants } from '../../src/nuclei/kernel.js';
import type { StainVectors } from '../../src/nuclei/macenko.js';
import type { SlideSource } from '../../src/slide/slide.js';

export interface ReadTask {
  readonly source: SlideSource;
  /** Level-0 pixels per model pixel. */
  readonly scale: number;
  /** Side of a patch in model px. */
  readonly side: number;
  /** Top left pixels of the patches in model space, [n, 2] as x y. */
  readonly origins: Int32Array;
  /** Numbers of patches in each array of the result; n altogether. */
  readonly pieces: readonly number[];
}
export interface ReadResult {
  /** The patches of each piece, uint8 [patches, side, side, 3]. */
  readonly patches: readonly Uint8Array[];
  readonly seconds: number;
}

export interface SegmentTask {
  /** Flat buffer of blobs from the stitcher; it moves to the worker. */
  readonly blobs: Uint8Array;
  readonly constants: SeamlessConstants;
  /** The slide's own vectors, if stain is measured by them. */
  readonly stain?: StainVectors | undefined;
}
export interface SegmentResult {
  readonly block: NucleiBlock;
  readonly seconds: number;
}

/** The worker threads that read and post-process; shared by all slides of a run. */
export class Pool {
  readonly #piscina: Piscina;

  constructor(readonly workers: number) {
    this.#piscina = new Piscina({
      filename: new URL('./pool-worker.js', import.meta.url).href,
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: Infinity,
    });
  }

  /**
   * Reads patches in a worker thread.
   * @throws HoverslideError `input` where the slide cannot be read
   */
  async read(task: ReadTask): Promise<ReadResult> {
    try {
      return (await this.#piscina.run(task, { name: 'read' })) as ReadResult;
    } catch (error) {
      throw new HoverslideError('input', errorLine(error), { cause: error }); // its class is lost between threads
    }
  }

  segment(task: SegmentTask): Promise<SegmentResult> {
    const transferList = [task.blobs.buffer as ArrayBuffer];
    return this.#piscina.run(task, { name: 'segment', transferList }) as Promise<SegmentResult>;
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}
