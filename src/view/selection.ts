import { edgeTouches } from '../geometry/clip.js';
import { eachEdge, type Polygon } from '../geometry/polygon.js';
import type { TissueGrid } from '../context/tissue-grid.js';
import { RegionFinder } from '../features/regions.js';
import { decodePoints } from '../overlay/leaf.js';
import type { Overlay } from '../overlay/read.js';
import type { TableFacts } from '../table/context.js';
import { ahead } from './ahead.js';
import { medianOf } from './median.js';
import type { SelectionRequest, SelectionView } from './messages.js';
import type { NucleiColumns } from './nuclei-columns.js';
import { polygonAreas } from './polygon-areas.js';
import { checkedRequest } from './selection-request.js';

/** Columns of which a selection has medians. */
const measures = ['area_um2', 'major_axis_um', 'eccentricity', 'hematoxylin_od_mean'] as const;

/** What of a finished slide is needed to select nuclei. */
export interface SelectionSource {
  readonly overlay: Overlay;
  readonly columns: NucleiColumns;
  readonly classes: TableFacts['classes'];
}

/** The rows of a selection. */
export interface SelectedRows {
  /** The request, checked. */
  readonly request: SelectionRequest;
  readonly polygon: Polygon;
  /** Of each row of the table one more than the place of its class among the table's, or 0 where it is not selected. */
  readonly marks: Uint8Array;
  /** Row groups in which some row is selected, ascending. */
  readonly groups: readonly number[];
}

/** Among marks: its leaf lies across the polygon's border, so that its own centroid must be looked at. */
const undecided = 128;

/**
 * Answers a selection: as the same question asked of the table in SQL would be, its centroids as they are stored and the
 * polygon by the rule of `--roi` (the even-odd rule; left and upper edges belong to it). A polygon may cross itself.
 * Numbers are compared as the table stores them, and no value lies within no bounds.
 * @param request unchecked
 * @throws HoverslideError `usage` for a request that makes no sense, `input` if a file cannot be read
 */
export async function selectNuclei(
  source: SelectionSource & { readonly tissue: TissueGrid },
  request: unknown,
): Promise<SelectionView> {
  const rows = await selectRows(source, request);
  const { columns, classes, tissue } = source;
  const counts = new Array<number>(classes.length).fill(0);
  for (const mark of rows.marks) if (mark > 0) counts[mark - 1]!++;
  const medians = new Map<string, (number | null)[]>();
  for (const name of measures) medians.set(name, await mediansOf(name, rows, counts, columns));
  const areas = polygonAreas(rows.polygon, tissue);
  const asked = rows.request.classes;
  const units = columns.names().filter(({ name }) => medians.has(name));
  return {
    nuclei: counts.reduce((sum, count) => sum + count, 0),
    areaMm2: areas.mm2,
    tissueMm2: areas.tissueMm2,
    classes: classes.flatMap(({ id, name }, place) => {
      if (asked && !asked.includes(id)) return [];
      const count = counts[place]!;
      const perMm2 = areas.tissueMm2 > 0 ? count / areas.tissueMm2 : null;
      const own = Object.fromEntries(Array.from(medians, ([measure, of]) => [measure, of[place]!]));
      return [{ id, name, count, perMm2, medians: own }];
    }),
    units: Object.fromEntries(units.map(({ name, unit }) => [name, unit])),
  };
}

/**
 * Finds the rows of a selection. Of leaves that lie wholly within the polygon no centroid is looked at. Memory holds a byte
 * per row and a few row groups.
 * @throws as selectNuclei
 */
export async function selectRows(source: SelectionSource, unchecked: unknown): Promise<SelectedRows> {
  const { overlay, columns } = source;
  const known = {
    classes: source.classes.map(({ id }) => id),
    columns: columns.names().map(({ name }) => name),
  };
  const request = checkedRequest(unchecked, known);
  const polygon: Polygon = [Float64Array.from(request.polygon.flat())];
  const finder = new RegionFinder([polygon]);
  const marks = new Uint8Array(overlay.directory.nuclei);
  await markLeaves(marks, overlay, request, polygon, finder);
  const { table } = columns;
  const marked = Array.from({ length: table.groups }, (_, group) => ({
    group,
    own: marks.subarray(table.starts[group], table.starts[group + 1]),
  })).filter(({ own }) => own.some((mark) => mark > 0));
  const open = marked.filter(({ own }) => own.some((mark) => mark >= undecided));
  const places = ({ group }: { group: number }) =>
    Promise.all([table.doubles('centroid_x_px', group), table.doubles('centroid_y_px', group)]);
  for await (const [{ own }, [x, y]] of ahead(open, places)) {
    for (let k = 0; k < own.length; k++) {
      if (own[k]! >= undecided) own[k] = finder.has(x[k]!, y[k]!) ? own[k]! - undecided : 0;
    }
  }
  for (const { column, min = -Infinity, max = Infinity } of request.thresholds ?? []) {
    for await (const [{ own }, values] of ahead(marked, ({ group }) => columns.group(column, group))) {
      for (let k = 0; k < own.length; k++) if (!(values[k]! >= min && values[k]! <= max)) own[k] = 0;
    }
  }
  const groups = marked.flatMap(({ group, own }) => (own.some((mark) => mark > 0) ? [group] : []));
  return { request, polygon, marks, groups };
}

/** Marks the nuclei of the leaves that the polygon reaches, if their class and quality are asked for. */
async function markLeaves(
  marks: Uint8Array,
  overlay: Overlay,
  { classes, setAside = false }: SelectionRequest,
  polygon: Polygon,
  finder: RegionFinder,
): Promise<void> {
  const { leaves, side, classes: ids } = overlay.directory;
  const wanted = ids.map((id) => !classes || classes.includes(id));
  const reached = leaves.block.flatMap((block, leaf) => {
    const length = side / 2 ** leaves.depth[leaf]!;
    const [left, top] = [leaves.i[leaf]! * length, leaves.j[leaf]! * length];
    // A pixel more on every side, since crossings are found with rounding.
    const box = { left: left - 1, top: top - 1, right: left + length + 1, bottom: top + length + 1 };
    const across = touches(polygon, box);
    return across || finder.has(left + length / 2, top + length / 2) ? [{ block, across }] : [];
  });
  for await (const [{ across }, bytes] of ahead(reached, ({ block }) => overlay.decompressed(block))) {
    const points = decodePoints(bytes);
    for (let k = 0; k < points.count; k++) {
      const place = points.classes[k]!;
      if (!wanted[place] || (points.qualities[k]! > 0 && !setAside)) continue;
      marks[points.row[k]!] = place + 1 + (across ? undecided : 0);
    }
  }
}

function touches(polygon: Polygon, box: Parameters<typeof edgeTouches>[4]): boolean {
  let found = false;
  eachEdge(polygon, (x1, y1, x2, y2) => {
    found ||= edgeTouches(x1, y1, x2, y2, box);
  });
  return found;
}

/** Returns the median of a column by the place of the class. */
async function mediansOf(
  name: string,
  { marks, groups }: SelectedRows,
  counts: readonly number[],
  columns: NucleiColumns,
): Promise<(number | null)[]> {
  const values = counts.map((count) => new Float32Array(count));
  const ends = counts.map(() => 0);
  for await (const [group, column] of ahead(groups, (each) => columns.group(name, each))) {
    const first = columns.table.starts[group]!;
    for (let k = 0; k < column.length; k++) {
      const place = marks[first + k]! - 1;
      if (place >= 0) values[place]![ends[place]!++] = column[k]!;
    }
  }
  return values.map(medianOf);
}
