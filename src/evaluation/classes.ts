import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorLine, HoverslideError } from '../errors.js';
import { packageRoot } from '../package-root.js';

/** Class id of a nucleus without a class. It counts for segmentation and detection, and is wrong as any class. */
export const unclassified = 0;

/** Class id of a true nucleus whose class cannot be judged. It is left out of all measures per class. */
export const ignored = -1;

const id = z.int().min(1).max(255);

const schema = z.strictObject({
  name: z.string().min(1),
  source: z.string().min(1),
  /** Micrometres per pixel of the set's images, if their files do not state it. */
  mpp: z.number().positive().optional(),
  classes: z.array(
    z.strictObject({
      id,
      /** Short name, as in the header of a table. */
      key: z.string().min(1),
      name: z.string().min(1),
      /** Other names for the class in files of annotation tools. */
      aliases: z.array(z.string()).default([]),
    }),
  ),
  /** Names in files that mean no class. */
  unclassified: z.array(z.string()).default([]),
  /** How ids translate to those of another set of classes; null if the class cannot be judged. */
  to: z.record(z.string(), z.record(z.string(), id.nullable())),
});

const folder = join(packageRoot, 'mappings', 'classes');

/** The classes of a data set or of a model, and how they translate to other sets. */
export class ClassSet {
  readonly name: string;
  readonly mpp: number | undefined;
  readonly classes: readonly { id: number; key: string; name: string }[];
  private readonly ids: Map<string, number>;

  private constructor(
    readonly file: string,
    private readonly data: z.infer<typeof schema>,
  ) {
    this.name = data.name;
    this.mpp = data.mpp;
    this.classes = data.classes;
    this.ids = new Map([
      ...data.unclassified.map((name): [string, number] => [name.toLowerCase(), unclassified]),
      ...data.classes.flatMap(({ id, key, name, aliases }) =>
        [key, name, ...aliases].map((name): [string, number] => [name.toLowerCase(), id]),
      ),
    ]);
  }

  /**
   * Loads a set of classes.
   * @param nameOrFile one of the sets that come with hoverslide, or a JSON file of the same form
   * @throws HoverslideError `usage` if there is no such set, `input` if the file does not fit
   */
  static load(nameOrFile: string): ClassSet {
    const file = nameOrFile.endsWith('.json') ? nameOrFile : join(folder, `${nameOrFile}.json`);
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      throw new HoverslideError(
        'usage',
        `expected classes to be one of ${ClassSet.names().join(', ')} or a JSON file; found '${nameOrFile}'`,
      );
    }
    try {
      return new ClassSet(file, schema.parse(JSON.parse(text)));
    } catch (error) {
      const reason =
        error instanceof z.ZodError
          ? `${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}`
          : errorLine(error);
      throw new HoverslideError('input', `${file}: expected a set of classes; ${reason}`);
    }
  }

  /** Returns the names of the sets that come with hoverslide. */
  static names(): string[] {
    return readdirSync(folder)
      .map((file) => file.replace(/\.json$/, ''))
      .sort();
  }

  /** Checks a class id found in `file` and returns it. @throws HoverslideError `input` if the set does not have it */
  byId(id: number, file: string): number {
    if (id === unclassified || this.classes.some((entry) => entry.id === id)) return id;
    throw this.unknown(String(id), file);
  }

  /** Returns the id of a class by one of its names, in any case. @throws HoverslideError `input` if there is none */
  byName(name: string, file: string): number {
    const id = this.ids.get(name.trim().toLowerCase());
    if (id === undefined) throw this.unknown(`'${name}'`, file);
    return id;
  }

  /**
   * Returns for each id of this set (0 included) the id in another set, `ignored` where the class cannot be judged.
   * @throws HoverslideError `usage` if this set does not define the translation.
   */
  translation(target: ClassSet): ReadonlyMap<number, number> {
    const entries = this.classes.map(({ id }): [number, number] => [
      id,
      target.name === this.name ? id : this.translate(id, target),
    ]);
    return new Map([[unclassified, unclassified], ...entries]);
  }

  private translate(id: number, target: ClassSet): number {
    const table = this.data.to[target.name];
    const found = table?.[id];
    if (found === undefined) {
      throw new HoverslideError(
        'usage',
        `${this.file}: expected class ${id} to have a counterpart among the classes '${target.name}' (or null)`,
      );
    }
    if (found === null) return ignored;
    return target.byId(found, this.file);
  }

  private unknown(found: string, file: string): HoverslideError {
    const known = this.classes.map(({ id, name }) => `${id} ${name}`).join(', ') || 'none';
    return new HoverslideError(
      'input',
      `${file}: expected the classes '${this.name}' (${known}); found ${found}`,
    );
  }
}
