import { open, readdir, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import dicomParser, { type DataSet } from 'dicom-parser';

/** A file of a DICOM slide: one level, part of one, or an associated image. */
export interface DicomInstance {
  readonly name: string;
  readonly series: string;
  /** Values of the image type, for instance DERIVED, PRIMARY, VOLUME, RESAMPLED. */
  readonly imageType: readonly string[];
  /** Size of the whole level in px. */
  readonly width: number;
  readonly height: number;
}

const wholeSlide = '1.2.840.10008.5.1.4.1.1.77.1.6';

/**
 * Sizes of the part of a file that is read, in bytes. The tags that are read lie before the pixels; the second size is
 * for headers that are longer than the first.
 */
const headSizes = [128 * 1024, 8 * 1024 * 1024];

const folders = new Map<
  string,
  { readonly modified: number; readonly instances: Promise<DicomInstance[]> }
>();

/**
 * Returns whether a file may be DICOM by its name. DICOM files often have no ending, and the last number of a UID looks
 * like one.
 */
export function mayBeDicom(path: string): boolean {
  return /^(\.dcm|\.dicom|\.\d+|)$/i.test(parse(path).ext);
}

/** Returns the instances of DICOM slides in a folder, sorted by name. */
export async function dicomInstances(folder: string): Promise<DicomInstance[]> {
  const modified = (await stat(folder)).mtimeMs;
  const known = folders.get(folder);
  if (known?.modified === modified) return known.instances;
  const instances = lookThrough(folder);
  folders.set(folder, { modified, instances });
  return instances;
}

async function lookThrough(folder: string): Promise<DicomInstance[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name);
  const found: DicomInstance[] = [];
  for (const name of names.filter(mayBeDicom).sort()) {
    const instance = await readInstance(folder, name).catch(() => undefined); // unreadable: no part of a slide
    if (instance) found.push(instance);
  }
  return found;
}

/** Reads an instance of a DICOM slide. Returns undefined for a file that is none. */
async function readInstance(folder: string, name: string): Promise<DicomInstance | undefined> {
  const path = join(folder, name);
  if (!(await stat(path)).isFile()) return undefined;
  const file = await open(path);
  try {
    const head = Buffer.alloc(132);
    await file.read(head, 0, 132, 0);
    if (head.toString('latin1', 128) !== 'DICM') return undefined;
    for (const size of headSizes) {
      const bytes = Buffer.alloc(size);
      const { bytesRead } = await file.read(bytes, 0, size, 0);
      const data = parseHead(bytes.subarray(0, bytesRead));
      if (data?.string('x00020002') !== wholeSlide) return undefined;
      const series = data.string('x0020000e');
      const [width, height] = [data.uint32('x00480006'), data.uint32('x00480007')];
      if ((series === undefined || height === undefined) && bytesRead === size) continue;
      if (series === undefined) return undefined;
      const imageType = (data.string('x00080008') ?? '').split('\\');
      return { name, series, imageType, width: width ?? 0, height: height ?? 0 };
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/** Parses as much of a header as can be read, also where it is cut off. */
function parseHead(bytes: Uint8Array): DataSet | undefined {
  try {
    return dicomParser.parseDicom(bytes, { untilTag: 'x00480007' });
  } catch (error) {
    return (error as { dataSet?: DataSet }).dataSet;
  }
}
