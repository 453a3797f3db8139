import { HoverslideError } from '../../src/errors.js';
import { footerHash } from '../../src/table/footer-hash.js';
import { openTable, type TableFormat } from '../../src/table/open.js';
import type { TableFacts } from '../../src/table/context.js';
import { NucleusTable } from '../../src/table/read.js';
import { keepRows, type Rows } from '../../src/table/rows.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import { selectRows, type SelectedRows, type SelectionSource } from '../../src/view/selection.js';
import { versionOf, writeKept } from './write-kept.js';

/**
 * Writes the rows of a selection as a table of their own: those that `selectNuclei` counts, all columns, in the order of the
 * slide's table.
 * @param source of the same slide
 * @param request unchecked
 * @returns the number of nuclei
 * @throws HoverslideError `usage` for a request that makes no sense, `input` if the table cannot be read or was replaced
 *   meanwhile, `output`
 */
export async function exportSelection(
  folder: SlideFolder,
  source: SelectionSource,
  request: unknown,
  format: TableFormat,
  to: string,
): Promise<number> {
  const path = folder.table('parquet');
  const version = await versionOf(path);
  const table = await NucleusTable.open(path);
  if ((await footerHash(path)) !== source.columns.hash) {
    throw new HoverslideError('input', `${path}: a run has replaced it meanwhile: select again`);
  }
  const selected = await selectRows(source, request);
  const written = { ...table.facts, selection: { ...table.facts.selection, ...described(selected, source) } };
  const open = () => openTable(format, to, written);
  return writeKept({ path, version }, [open], selectedOf(table, selected, source));
}

async function* selectedOf(
  table: NucleusTable,
  { marks, groups }: SelectedRows,
  { columns }: SelectionSource,
): AsyncGenerator<Rows> {
  const next = groups.values();
  for await (const rows of table.rowGroups(undefined, new Set(groups))) {
    const first = columns.table.starts[next.next().value!]!;
    yield keepRows(rows, (row) => marks[first + row]! > 0);
  }
}

/** Says what of the slide's table a selection is, in the words of `hoverslide export`. */
function described(
  { request, polygon }: SelectedRows,
  { classes }: SelectionSource,
): NonNullable<TableFacts['selection']> {
  const names = classes.flatMap(({ id, name }) => (request.classes?.includes(id) ? [`'${name}'`] : []));
  const conditions = [
    ...(request.classes ? [`class in (${names.join(', ')})`] : []),
    ...(request.setAside ? [] : ["quality = 'ok'"]),
    ...(request.thresholds ?? []).flatMap(({ column, min, max }) => [
      ...(min === undefined ? [] : [`${column} >= ${min}`]),
      ...(max === undefined ? [] : [`${column} <= ${max}`]),
    ]),
  ];
  return {
    roi: JSON.stringify([polygon.map((ring) => [...ring])]),
    ...(conditions.length > 0 && { where: conditions.join(' and ') }),
  };
}
