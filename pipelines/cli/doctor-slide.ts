import { HoverslideError } from '../../src/errors.js';
import type { Model } from '../../src/model/model.js';
import { describeSlide, type Fact } from '../../src/slide/description.js';
import { modelSpace } from '../../src/slide/model-space.js';
import { checkPixelSize, type GivenPixelSize } from '../../src/slide/pixel-size.js';
import type { Slide } from '../../src/slide/slide.js';
import { findTissue, maskPicture } from '../../src/tissue/find.js';
import { Lattice, tissuePatches } from '../../src/tissue/lattice.js';
import { maskGrid, tissueArea } from '../../src/tissue/mask.js';
import { flagName } from './flag-name.js';

/**
 * Memory of a run in bytes, whatever the slide's size, with the model that comes with hoverslide, on the CPU
 * (bench/results.md, Growth).
 */
const baseMemory = 0.65e9;

/**
 * Prints all that is known of a slide, and what a run would make of it.
 * @returns the exit code that a run would end with before its first patch
 */
export async function doctorSlide(
  path: string,
  model: Model,
  options: GivenPixelSize,
  say: (what: string, found: string) => void,
): Promise<number> {
  const { facts, slide } = await describeSlide(path, options);
  facts.forEach(([what, found]) => say(what, found.replaceAll('option mpp', '--mpp')));
  try {
    if (slide instanceof HoverslideError) throw slide;
    for (const [what, found] of await prospects(slide, model)) say(what, found);
    return 0;
  } catch (error) {
    if (!(error instanceof HoverslideError)) throw error;
    say('refused', error.naming(flagName).message.replace(`${path}: `, ''));
    return error.exitCode;
  } finally {
    if (!(slide instanceof HoverslideError)) await slide.close();
  }
}

/** Finds out what a run would do: notices, tissue, patches, memory. */
async function prospects(slide: Slide, { card }: Model): Promise<Fact[]> {
  const facts: Fact[] = [...slide.notices, ...checkPixelSize(slide, card)].map(({ message }) => [
    'notice',
    message.replace(`${slide.path}: `, ''),
  ]);
  const picture = await maskPicture(slide);
  const mask = await findTissue(slide, picture);
  const lattice = new Lattice(modelSpace(slide, card.mpp), card);
  const patches = tissuePatches(lattice, mask).length / 2;
  const { width, height } = maskGrid(slide);
  const decoded = 'image' in slide.source.pyramid ? slide.width * slide.height * 3 : 0;
  const memory = baseMemory + decoded + 3 * width * height;
  facts.push(
    ['tissue', `${tissueArea(slide, mask).toFixed(3)} mm2`],
    ['patches', `${patches} of ${lattice.columns * lattice.rows}`],
    ['memory', `about ${(memory / 1e9).toFixed(1)} GB, estimated`],
  );
  return facts;
}
