import { basename, join, resolve } from 'node:path';
import { HoverslideError } from '../../src/errors.js';
import { isThere, makeFolder } from '../../src/files.js';
import { boxOf } from '../../src/geometry/box.js';
import { openTable, tableFiles, type TableFormat } from '../../src/table/open.js';
import { qualityFlags } from '../../src/table/quality.js';
import { NucleusTable } from '../../src/table/read.js';
import { keepRows, type Rows } from '../../src/table/rows.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { type Condition, parseCondition } from '../../src/table/where.js';
import { isInside, readRoi } from '../../src/tissue/roi.js';
import { versionOf, writeKept } from './write-kept.js';

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
  /** Says what of the region's file has no area and was left out. */
  readonly notice?: string;
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
  const version = await versionOf(path);
  const table = await NucleusTable.open(path);
  const { facts } = table;
  const condition = where === undefined ? undefined : parseCondition(where, textsOf(facts.classes));
  const given = roi === undefined ? undefined : await readRoi(roi, { bounds: facts.slide.origin });
  const region = given?.polygons;
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
  const files = formats.map((format) => target.table(format));
  const holds = (rows: Rows, row: number) =>
    (!region || isInside(region, rows.centroid_x_px[row]!, rows.centroid_y_px[row]!)) &&
    (!condition || condition.holds(rows, row));
  const opened = formats.map((format, k) => () => openTable(format, files[k]!, written));
  const nuclei = await writeKept({ path, version }, opened, kept(table.rowGroups(undefined, window), holds));
  const leftOut = given?.leftOut;
  return { files, nuclei, ...(leftOut !== undefined && { notice: `region: ${leftOut}` }) };
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

async function* kept(groups: AsyncIterable<Rows>, holds: Condition['holds']): AsyncGenerator<Rows> {
  for await (const rows of groups) yield keepRows(rows, (row) => holds(rows, row));
}
