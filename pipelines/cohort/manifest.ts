import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import leven from 'leven';
import Papa from 'papaparse';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { resolveRegion } from '../../src/tissue/region-text.js';
import { columnName, type Problem, type SlideRequest } from './cohort-slide.js';

/** Columns of a manifest that mean something; `slide` must be there. */
const known = ['slide', 'id', 'mpp', 'mask', 'roi', 'model'] as const;

/**
 * Reads a manifest: a CSV file (commas, semicolons or tabs) with one row per slide. Paths in it count from its own
 * folder. Columns that it does not know travel along.
 * @throws HoverslideError `missing` if the file cannot be read
 */
export async function readManifest(path: string): Promise<{ requests: SlideRequest[]; problems: Problem[] }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new HoverslideError('missing', `${path}: cannot read the manifest: ${errorLine(error)}`);
  }
  const { data, errors } = Papa.parse<string[]>(text);
  const problems: Problem[] = errors
    .filter(({ type }) => type !== 'Delimiter') // one column only: there is none to detect
    .map(({ message, row }) => usage(`${path}: row ${(row ?? 0) + 1}: ${message}`));
  const header = (data[0] ?? []).map((name) => name.trim());
  problems.push(...headerProblems(header).map((problem) => usage(`${path}: ${problem}`)));
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
  const { slide, id, mpp, mask, roi, model, ...columns } = row;
  if (!slide) return usage(`${where}: column 'slide' is empty`);
  if (mpp && !(Number(mpp) > 0)) {
    return usage(`${where}: column 'mpp': expected micrometres per pixel, found '${mpp}'`);
  }
  let region: string | undefined;
  try {
    region = roi ? resolveRegion(roi, folder) : undefined;
  } catch (error) {
    return usage(`${where}: ${errorLine((error as HoverslideError).naming(columnName))}`);
  }
  return {
    where,
    slide: resolve(folder, slide),
    ...(id && { id }),
    ...(mpp && { mpp: Number(mpp) }),
    ...(mask && { mask: resolve(folder, mask) }),
    ...(region && { roi: region }),
    ...(model && { model: resolve(folder, model) }),
    columns,
  };
}

function headerProblems(header: readonly string[]): string[] {
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
  const twice = new Set(header.filter((name, index) => header.indexOf(name) !== index));
  for (const name of twice)
    problems.push(name === '' ? `columns without a name` : `column '${name}' is there twice`);
  return problems;
}

/**
 * The known column that a name was meant to be: itself in other letters (`Slide`, `MPP`, `slide_`), or one that is
 * not there and differs by one letter or by the order of two. Short names lie so close to others (`pid`, `id`) that
 * only the first rule is for them.
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
