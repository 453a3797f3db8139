import { basename, dirname } from 'node:path';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { isThere } from '../../src/files.js';
import { walk } from '../../src/slide/files/walk.js';

/** Where slides are looked for by name when they are not where their run found them. */
export class SlidePlaces {
  private constructor(private readonly byName: ReadonlyMap<string, readonly string[]>) {}

  /**
   * Lists what is in a folder and below.
   * @param folder none by default
   * @throws HoverslideError `missing`
   */
  static async in(folder: string | undefined): Promise<SlidePlaces> {
    const byName = new Map<string, Set<string>>();
    const add = (path: string) =>
      byName.set(basename(path), (byName.get(basename(path)) ?? new Set()).add(path));
    if (folder !== undefined) {
      const { files } = await walk(folder).catch((error: unknown) => {
        throw new HoverslideError('missing', `option slides: cannot read ${folder}: ${errorLine(error)}`, {
          option: 'slides',
        });
      });
      for (const file of files) {
        add(file);
        add(dirname(file)); // a DICOM slide is a folder
      }
    }
    return new SlidePlaces(new Map(Array.from(byName, ([name, paths]) => [name, [...paths]])));
  }

  /** Returns where a slide may be: the place that its run names, then those of the same name, as far as they exist. */
  async of(path: string): Promise<string[]> {
    const named = this.byName.get(basename(path)) ?? [];
    return (await isThere(path)) ? [path, ...named.filter((other) => other !== path)] : [...named];
  }
}
