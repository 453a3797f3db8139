import { HoverslideError } from './errors.js';

const marks: Readonly<Record<string, string>> = { fffe: 'utf-16le', feff: 'utf-16be' };

/** Returns whether bytes begin with the mark of UTF-16. */
export function isUtf16(bytes: Uint8Array): boolean {
  return encodingOf(bytes) !== 'utf-8';
}

/**
 * Decodes a text file: UTF-8 with or without a byte order mark, or UTF-16 with one. The mark is no part of the text.
 * @param source what errors call the file
 * @param saveAs how to save the file instead
 * @throws HoverslideError `input` if it is in another encoding
 */
export function decodeText(source: string, bytes: Uint8Array, saveAs: string): string {
  const encoding = encodingOf(bytes);
  const refuse = (found: string): never => {
    throw new HoverslideError(
      'input',
      `${source}: expected text in UTF-8, found ${found}: save it as ${saveAs}`,
    );
  };
  if (encoding === 'utf-8' && bytes.includes(0)) refuse('zero bytes, perhaps UTF-16 without its mark');
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return refuse('bytes of another encoding, perhaps Windows-1252');
  }
  return text.includes('\0') ? refuse('damaged UTF-16') : text;
}

function encodingOf(bytes: Uint8Array): string {
  return marks[Buffer.from(bytes.subarray(0, 2)).toString('hex')] ?? 'utf-8';
}
