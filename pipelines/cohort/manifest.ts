import { dirname, resolve } from 'node:path';
import leven from 'leven';
import Papa from 'papaparse';
import { isEmbedded } from '../../src/model/embedded.js';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { checkGiven } from '../../src/slide/pixel-size.js';
import { resolveRegion } from '../../src/tissue/region-text.js';
import { readManifestText } from './manifest-text.js';
import { columnName, type Problem, type SlideRequest } from './cohort-slide.js';

/** Columns of a manifest that have a meaning here; `slide` must be there. */
const known = ['slide', 'id', 'mpp', 'mask', 'roi', 'model'] as const;

/** Values that R, pandas and spreadsheets write for nothing. In the user's own columns they stay as they are. */
const missingValues = new Set(['', 'NA', 'N/A', 'NaN', 'nan']);

/**
 * Reads a manifest: a CSV file (commas, semicolons or tabs) with one row per slide. Paths in it are relative to its own
 * folder. Unknown columns stay with their slide.
 * @throws HoverslideError as readManifestText
 */
export async function readManifest(path: string): Promise<{ requests: SlideRequest[]; problems: Problem[] }> {
  const { text, delimiter } = await readManifestText(path);
  const { data, errors } = Papa.parse<string[]>(text, { delimiter });
  const problems: Problem[] = errors.map(({ message, row }) =>
    usage(`${path}: row ${(row ?? 0) + 1}: ${message}`),
  );
  const header = (data[0] ?? []).map((name) => name.trim());
  problems.push(...headerProblems(header, data.slice(1)).map((problem) => usage(`${path}: ${problem}`)));
  if (!header.includes('slide')) return { requests: [], problems };

  const requests: SlideRequest[] = [];
  data.slice(1).forEach((cells, index) => {
    const where = `${path}: row ${index + 2}`;
    if (cells.every((cell) => cell.trim() === '')) return;
    if (cells.length > header.length) {
      problems.push(usage(`${where}: expected ${header.length} columns, found ${cells.length}`));
      return;
    }
    const row = Object.fromEntries(header.map((name, column) => [name, (cells[column] ?? '').trim()]));
    const request = slideRequestOf(row, where, dirname(path));
    if ('slide' in request) requests.push(request);
    else problems.push(request);
  });
  return { requests, problems };
}

function slideRequestOf(row: Record<string, string>, where: string, folder: string): SlideRequest | Problem {
  const columns = { ...row };
  delete columns['']; // empty in every row: headerProblems refuses any other column without a name
  const own: Partial<Record<(typeof known)[number], string>> = {};
  for (const name of known) {
    const value = columns[name];
    delete columns[name];
    if (value !== undefined && !missingValues.has(value)) own[name] = value;
  }
  const { slide, id, mpp, mask, roi, model } = own;
  if (slide === undefined) return usage(`${where}: column 'slide' is empty`);
  if (mpp !== undefined && !(Number(mpp) > 0)) {
    const comma = /^\d*,\d+$/.test(mpp) ? ' with a decimal point' : '';
    return usage(`${where}: column 'mpp': expected micrometres per pixel${comma}, found '${mpp}'`);
  }
  let region: string | undefined;
  try {
    if (mpp !== undefined) checkGiven(Number(mpp));
    region = roi === undefined ? undefined : resolveRegion(roi, folder);
  } catch (error) {
    return usage(`${where}: ${errorLine((error as HoverslideError).naming(columnName))}`);
  }
  return {
    where,
    slide: resolve(folder, slide),
    ...(id !== undefined && { id }),
    ...(mpp !== undefined && { mpp: Number(mpp) }),
    ...(mask !== undefined && { mask: resolve(folder, mask) }),
    ...(region !== undefined && { roi: region }),
    ...(model !== undefined && { model: isEmbedded(model) ? model : resolve(folder, model) }),
    columns,
  };
}

function headerProblems(header: readonly string[], rows: readonly string[][]): string[] {
  const problems: string[] = [];
  const typos = header.flatMap((name) => {
    const meant = meantBy(name, header);
    return meant === undefined
      ? []
      : [`column '${name}' looks like '${meant}': call it that, or something else`];
  });
  problems.push(...typos);
  if (!header.includes('slide') && !typos.some((typo) => typo.includes(`'slide'`))) {
    problems.push(
      `expected a column 'slide', found ${header.map((name) => `'${name}'`).join(', ') || 'none'}`,
    );
  }
  header.forEach((name, index) => {
    const empty = rows.every((cells) => (cells[index] ?? '').trim() === '');
    if (name === '' && !empty) {
      problems.push(
        `column ${index + 1} has no name: give it one, or leave it out (row.names = FALSE in R, index=False in pandas)`,
      );
    } else if (name !== '' && header.indexOf(name) !== index) {
      problems.push(`column '${name}' is there twice`);
    }
  });
  return problems;
}

/**
 * Returns the known column that a name was meant to be. Either the name is that column in other letters
 * (`Slide`, `MPP`, `slide_`), or the column is absent and the name differs from it by one letter or by the order of
 * two. For short names only the first rule holds, since they lie close to others (`pid`, `id`).
 */
function meantBy(name: string, header: readonly string[]): string | undefined {
  if (known.some((column) => column === name)) return undefined;
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  return known.find((column) => {
    if (plain === column || (plain === `${column}s` && column !== 'id')) return true;
    if (column.length < 3 || header.includes(column)) return false;
    const distance = leven(plain, column);
    return plain[0] === column[0] && (distance === 1 || (distance === 2 && sorted(plain) === sorted(column)));
  });
}

function sorted(letters: string): string {
  return [...letters].sort().join('');
}

function usage(text: string): Problem {
  return { kind: 'usage', text };
}
