import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFiles, type TableFormat } from '../../src/table/open.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import { exportSelection } from '../export/export-selection.js';
import type { OpenNuclei } from '../overlay/open-nuclei.js';
import type { Reply } from './reply.js';

const types: Readonly<Record<TableFormat, string>> = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
  geojson: 'application/geo+json',
};

/**
 * Writes the rows of a selection to a file that is gone when it has been sent.
 * @throws HoverslideError as exportSelection
 */
export async function selectionFile(
  folder: SlideFolder,
  nuclei: OpenNuclei,
  request: unknown,
  format: TableFormat,
): Promise<Reply> {
  const scratch = await mkdtemp(join(tmpdir(), 'hoverslide-selection-'));
  const remove = () => rm(scratch, { recursive: true, force: true });
  try {
    const path = join(scratch, tableFiles[format]);
    await exportSelection(folder, nuclei, request, format, path);
    const body = createReadStream(path).once('close', () => void remove());
    return { type: types[format], body, gzipped: format === 'geojson' };
  } catch (error) {
    await remove();
    throw error;
  }
}
