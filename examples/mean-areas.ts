// Reads a table, one group of rows at a time, and prints the mean area of each class, without nuclei that are set aside:
//   node examples/mean-areas.ts OUT/SLIDE/nuclei.parquet
import { NucleusTable } from 'hoverslide';

const areas = new Map<string, { sum: number; count: number }>();
const table = await NucleusTable.open(process.argv[2]!);
for await (const rows of table.rowGroups(['class', 'area_um2', 'quality'])) {
  for (let k = 0; k < rows.count; k++) {
    if (rows.quality[k] !== 'ok') continue;
    const name = rows.class[k]!;
    const { sum, count } = areas.get(name) ?? { sum: 0, count: 0 };
    areas.set(name, { sum: sum + rows.area_um2[k]!, count: count + 1 });
  }
}
for (const [name, { sum, count }] of areas) console.log(`${name}: ${(sum / count).toFixed(1)} um2`);
