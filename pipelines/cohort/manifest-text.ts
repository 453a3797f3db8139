import { readFile } from 'node:fs/promises';
import { HoverslideError, errorLine } from '../../src/errors.js';

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
  const text = decode(path, bytes);
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

function decode(path: string, bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = { fffe: 'utf-16le', feff: 'utf-16be' }[mark] ?? 'utf-8';
  if (encoding === 'utf-8' && bytes.includes(0)) {
    throw new HoverslideError(
      'input',
      `${path}: expected text in UTF-8, found zero bytes, perhaps UTF-16 without its mark: save it as 'CSV UTF-8'`,
    );
  }
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new HoverslideError(
      'input',
      `${path}: expected text in UTF-8, found bytes of another encoding, perhaps Windows-1252: save it as 'CSV UTF-8'`,
    );
  }
}
