// What a Linux binary asks of the system: versions of symbols, as the dynamic linker checks them.
import { readFileSync } from 'node:fs';

const dynamicSymbolVersions = 0x6ffffffe; // section type SHT_GNU_verneed
const machines = { 62: 'x64', 183: 'arm64' };

/** Returns whether a file begins as an ELF file does. */
export function isElf(bytes) {
  return bytes.length >= 64 && bytes.readUInt32BE(0) === 0x7f454c46;
}

/**
 * Reads what a 64-bit little-endian ELF file needs.
 * @returns its processor as Node names it, and the versions that it needs, such as GLIBC_2.17 (from section .gnu.version_r)
 * @throws Error if it is no such file
 */
export function readElf(file) {
  const bytes = readFileSync(file);
  if (!isElf(bytes) || bytes[4] !== 2 || bytes[5] !== 1)
    throw new Error(`${file}: expected a 64-bit little-endian ELF file, found another`);
  const machine = machines[bytes.readUInt16LE(18)] ?? 'another';
  const sections = Array.from({ length: bytes.readUInt16LE(60) }, (_, k) => {
    const at = Number(bytes.readBigUInt64LE(40)) + k * bytes.readUInt16LE(58);
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      link: bytes.readUInt32LE(at + 40),
      info: bytes.readUInt32LE(at + 44),
    };
  });
  const needed = sections.filter(({ type }) => type === dynamicSymbolVersions);
  return {
    machine,
    versions: needed.flatMap((section) => versionsIn(bytes, section, sections[section.link].offset)),
  };
}

/** Lists the versions of one section: a chain of libraries, each with a chain of versions. */
function versionsIn(bytes, { offset, info: libraries }, strings) {
  const versions = [];
  for (let library = offset, k = 0; k < libraries; k++) {
    let entry = library + bytes.readUInt32LE(library + 8);
    for (let n = bytes.readUInt16LE(library + 2); n > 0; n--) {
      const name = strings + bytes.readUInt32LE(entry + 8);
      versions.push(bytes.toString('latin1', name, bytes.indexOf(0, name)));
      entry += bytes.readUInt32LE(entry + 12);
    }
    library += bytes.readUInt32LE(library + 12);
  }
  return versions;
}

/** Returns the newest glibc among versions of symbols, such as 2.17; undefined if none is of glibc. */
export function newestGlibc(versions) {
  const numbers = versions.flatMap((version) => /^GLIBC_(\d+(?:\.\d+)*)$/.exec(version)?.[1] ?? []);
  return numbers.sort(compareVersions).at(-1);
}

export function compareVersions(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}
