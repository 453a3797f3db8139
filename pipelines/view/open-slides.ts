import { createHash } from 'node:crypto';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { fileFacts, type FileFacts } from '../../src/slide/files/facts.js';
import { slideHash } from '../../src/slide/hash.js';
import { openSlide, type Slide, type SlideSource } from '../../src/slide/slide.js';
import type { SlidePlaces } from './slide-places.js';

/** What is known of a slide from its results. */
export interface Known {
  /** Where its run found it. */
  readonly path: string;
  /** Absent while there are no results. */
  readonly results?:
    | {
        readonly hash: string;
        readonly width: number;
        readonly height: number;
        readonly mpp: number;
        /** Of its files, when the run read them. */
        readonly file?: FileFacts | undefined;
      }
    | undefined;
}

/** A slide that was found and is the one that the results are of. */
export interface FoundSlide {
  /** Where it was found, and the size and time of its files. */
  readonly seen: string;
  readonly source: SlideSource;
  /** Changes with the picture. */
  readonly version: string;
  readonly width: number;
  readonly height: number;
  readonly mpp: number;
  readonly origin: { readonly x: number; readonly y: number };
}

/** Milliseconds after which a slide is looked for again. */
const lookAgain = 10_000;
/** Decoded pixels of plain images that are kept, save of the last two, which may lie side by side. */
const keptPixels = 64e6;
/** Slides of which it is kept what they are. */
const keptSlides = 64;

interface Entry {
  /** When it was last looked for, in milliseconds. */
  readonly looked: number;
  readonly slide: Promise<FoundSlide>;
  /** Of decoded pixels. */
  bytes: number;
}

/** Finds slides, checks that they are the right ones, and keeps what another thread needs to read them. */
export class OpenSlides {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly places: SlidePlaces) {}

  /**
   * Finds a slide.
   * @throws HoverslideError `missing` that says how to name its folder; as openSlide where there is one that cannot be
   *   read, `input` where it is another one
   */
  async find(known: Known): Promise<FoundSlide> {
    const name = JSON.stringify(known);
    const before = this.#entries.get(name);
    const now = performance.now();
    const entry =
      before && now - before.looked < lookAgain
        ? before
        : { looked: now, slide: this.#look(known, before), bytes: 0 };
    this.#entries.delete(name);
    this.#entries.set(name, entry); // at the end, where the last used one is
    const slide = await entry.slide;
    const { pyramid } = slide.source;
    entry.bytes = 'image' in pyramid ? pyramid.image.pixels.byteLength : 0;
    this.#forget();
    return slide;
  }

  async #look(known: Known, before: Entry | undefined): Promise<FoundSlide> {
    const old = await before?.slide.catch(() => undefined);
    let wrong: Error | undefined;
    for (const path of await this.places.of(known.path)) {
      try {
        const facts = await fileFacts(path).catch((error: unknown) => {
          if (error instanceof HoverslideError) throw error;
          throw new HoverslideError('missing', `${path}: ${errorLine(error)}`);
        });
        const seen = JSON.stringify([path, facts]);
        return old?.seen === seen ? old : await open(path, seen, facts, known.results);
      } catch (error) {
        wrong ??= error as Error;
      }
    }
    if (wrong) throw wrong;
    throw new HoverslideError(
      'missing',
      `${known.path}: the slide is not there any more; --slides names a folder to look for it in`,
    );
  }

  /** Forgets the slides that were used longest ago, if there are too many or their pixels take too much. */
  #forget(): void {
    let bytes = 0;
    for (const [place, [name, entry]] of [...this.#entries].reverse().entries()) {
      bytes += entry.bytes;
      if (place > 1 && (place >= keptSlides || bytes > keptPixels)) this.#entries.delete(name);
    }
  }
}

async function open(
  path: string,
  seen: string,
  facts: FileFacts,
  results: Known['results'],
): Promise<FoundSlide> {
  const given = results && { mpp: results.mpp, forceMpp: true };
  const slide = await openSlide(path, given);
  try {
    if (results) await checkSame(slide, facts, results);
    const { source, width, height, bounds, pixelSize } = slide;
    const version = results?.hash ?? createHash('sha256').update(seen).digest('hex');
    return { seen, source, version, width, height, mpp: pixelSize.mpp, origin: { x: bounds.x, y: bounds.y } };
  } finally {
    await slide.close();
  }
}

/** @throws HoverslideError `input` if it is another slide than the one that the results are of, as far as they let say */
async function checkSame(
  slide: Slide,
  facts: FileFacts,
  { width, height, hash, file }: NonNullable<Known['results']>,
): Promise<void> {
  const different = (expected: string, found: string) =>
    new HoverslideError(
      'input',
      `${slide.path}: not the slide that the nuclei were found in: expected ${expected}, found ${found}; ` +
        '--slides names a folder to look for it in',
    );
  if (slide.width !== width || slide.height !== height) {
    throw different(`${width} x ${height} px`, `${slide.width} x ${slide.height}`);
  }
  if (file && file.bytes === facts.bytes && file.modified === facts.modified) return;
  if (file && file.bytes !== facts.bytes) throw different(`${file.bytes} bytes`, `${facts.bytes}`);
  if (slide.properties['openslide.vendor'] === 'dicom') return; // its hash is over all of its bytes, which takes minutes
  const found = await slideHash(slide);
  if (found !== hash) throw different(`content ${hash.slice(0, 8)}`, found.slice(0, 8));
}
