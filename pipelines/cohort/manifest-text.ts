import { readFile } from 'node:fs/promises';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { decodeText } from '../../src/text.js';

/** The text of a manifest, and the delimiter of its columns. */
export interface ManifestText {
  readonly text: string;
  readonly delimiter: string;
}

/**
 * Reads a manifest's text as spreadsheets save it: UTF-8 with or without a byte order mark, or UTF-16 with one. Excel's
 * first line `sep=;` names the delimiter and is no row.
 * @throws HoverslideError `missing` if the file cannot be read, `input` if it is in another encoding
 */
export async function readManifestText(path: string): Promise<ManifestText> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new HoverslideError('missing', `${path}: cannot read the manifest: ${errorLine(error)}`);
  }
  const text = decodeText(path, bytes, `'CSV UTF-8'`);
  const [line, delimiter] = /^sep=(.)\r?\n?/i.exec(text) ?? [];
  return line === undefined || delimiter === undefined
    ? { text, delimiter: delimiterOf(text) }
    : { text: text.slice(line.length), delimiter };
}

/**
 * Returns the mark that occurs most often in the header: comma, semicolon or tab. Rows are not counted, since they may
 * have commas as decimal marks.
 */
function delimiterOf(text: string): string {
  const header = text.split(/[\r\n]/, 1)[0]!.replaceAll(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((mark) => [header.split(mark).length, mark] as const);
  return counts.reduce((best, next) => (next[0] > best[0] ? next : best))[1];
}
