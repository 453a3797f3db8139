import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { HoverslideError } from '../../src/errors.js';
import { isThere, makeFolder } from '../../src/files.js';
import { boxOf } from '../../src/geometry/box.js';
import { columns, type ColumnName } from '../../src/table/columns.js';
import { openTable, tableFiles, type TableFormat } from '../../src/table/open.js';
import { qualityFlags } from '../../src/table/quality.js';
import { NucleusTable } from '../../src/table/read.js';
import { keepRows } from '../../src/table/rows.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { parseCondition } from '../../src/table/where.js';
import { isInside, readRoi } from '../../src/tissue/roi.js';

export interface ExportOptions {
  /** Formats to write. */
  readonly formats: readonly TableFormat[];
  /** Only nuclei whose centroid lies in here: x,y,w,h in level-0 px, or a GeoJSON file. */
  readonly roi?: string | undefined;
  /** Only nuclei for which this holds (where.ts). */
  readonly where?: string | undefined;
  /** Folder in which a folder of the slide's name gets the files, in place of the slide's own folder. */
  readonly to?: string | undefined;
}

export interface Exported {
  /** The files that were written. */
  readonly files: readonly string[];
  /** Number of nuclei in them. */
  readonly nuclei: number;
}

/**
 * Writes a done slide's table in other formats, from its Parquet file: the same bytes as if the run had written them.
 * Memory holds one row group. A part of a table never goes where the whole one belongs.
 * @throws HoverslideError `missing` if there is no table in Parquet, `input` if it cannot be read, `usage` for options
 *   that make no sense, `output`
 */
export async function exportTable(folder: SlideFolder, options: ExportOptions): Promise<Exported> {
  const { formats, roi, where } = options;
  const path = folder.table('parquet');
  const seen = await versionOf(path);
  const table = await NucleusTable.open(path);
  const { facts } = table;
  const condition = where === undefined ? undefined : parseCondition(where, textsOf(facts.classes));
  const region = roi === undefined ? undefined : await readRoi(roi, { bounds: facts.slide.origin });
  const target = await targetFolder(folder, options);
  const selection = {
    ...facts.selection,
    ...(roi !== undefined && { roi: JSON.stringify(region!.map((rings) => rings.map((ring) => [...ring]))) }),
    ...(where !== undefined && { where }),
  };
  const written = Object.keys(selection).length > 0 ? { ...facts, selection } : facts;
  const boxes = region?.map(boxOf);
  const window = boxes && {
    left: Math.min(...boxes.map(({ left }) => left)),
    top: Math.min(...boxes.map(({ top }) => top)),
    right: Math.max(...boxes.map(({ right }) => right)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  };
  const names = columns.map(({ name }): ColumnName => name);
  const files = formats.map((format) => target.table(format));
  const writers = [];
  let nuclei = 0;
  try {
    for (const [k, format] of formats.entries()) writers.push(await openTable(format, files[k]!, written));
    for await (const rows of table.rowGroups(names, window)) {
      const kept = keepRows(
        rows,
        (row) =>
          (!region || isInside(region, rows.centroid_x_px[row]!, rows.centroid_y_px[row]!)) &&
          (!condition || condition.holds(rows, row)),
      );
      for (const writer of writers) await writer.write(kept);
      nuclei += kept.count;
    }
    if ((await versionOf(path)) !== seen) {
      throw new HoverslideError('input', `${path}: a run has replaced it meanwhile: export it again`);
    }
    for (const writer of writers) await writer.close();
  } catch (error) {
    await Promise.all(writers.map((writer) => writer.abort()));
    throw error;
  }
  return { files, nuclei };
}

/** Returns the folder that the files go to, and makes it. */
async function targetFolder(
  folder: SlideFolder,
  { formats, roi, where, to }: ExportOptions,
): Promise<SlideFolder> {
  if (to === undefined) {
    if (roi !== undefined || where !== undefined) {
      throw new HoverslideError(
        'usage',
        `option to: expected a folder for a part of the table, so that ${folder.path} keeps the whole one; found none`,
        { option: 'to' },
      );
    }
    if (formats.includes('parquet')) {
      throw new HoverslideError(
        'usage',
        `option format: expected a format other than parquet, or a folder in option to; ${tableFiles.parquet} is what the others are made from`,
        { option: 'format' },
      );
    }
    return folder;
  }
  const target = new SlideFolder(join(to, basename(resolve(folder.path))));
  if (resolve(target.path) === resolve(folder.path) || (await isThere(target.record))) {
    throw new HoverslideError(
      'usage',
      `option to: expected a folder without results of runs, found some in ${target.path}`,
      { option: 'to' },
    );
  }
  await makeFolder(target.path);
  return target;
}

/** Texts that the columns of a few different ones can have. */
function textsOf(classes: readonly { readonly name: string }[]) {
  return {
    class: classes.map(({ name }) => name),
    quality: ['ok', ...qualityFlags.map(({ name }) => name)],
  };
}

/** Returns what changes when a file is replaced; undefined if it is not there. */
async function versionOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && `${found.ino} ${found.mtimeMs}`;
}
