import type { ColumnName } from '../../table/columns.js';
import { NucleusTable } from '../../table/read.js';
import type { ClassSet } from '../classes.js';
import { type LabelledPolygon, polygonSource } from './polygons.js';
import type { LabelSource } from './source.js';

const columns = ['class', 'quality', 'outline'] as const satisfies readonly ColumnName[];

/**
 * Reads hoverslide's own table of an image's nuclei, as Parquet, without those that are set aside.
 * @throws HoverslideError as `NucleusTable.open`, `input` if a class is unknown.
 */
export async function readTable(file: string, classes: ClassSet): Promise<LabelSource> {
  const table = await NucleusTable.open(file);
  const polygons: LabelledPolygon[] = [];
  for await (const rows of table.rowGroups(columns)) {
    rows.outline.forEach((rings, k) => {
      if (rows.quality[k] !== 'ok') return;
      polygons.push({
        rings,
        classId: classes.byName(rows.class[k]!, file),
      });
    });
  }
  return polygonSource(file, polygons, 'edges');
}
