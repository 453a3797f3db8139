import { markdownTable } from 'markdown-table';
import type { ClassSet } from './classes.js';
import type { QualitySummary } from './summary.js';

export interface Table {
  readonly title: string;
  /** What a reader must know to compare the values. */
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  /** The first cell names the row. null is printed as a dash, numbers with four decimals. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** One result to show: a prediction measured in one set of classes. */
export interface MeasuredPrediction {
  readonly prediction: string;
  /** What a reader should know about the origin of the values. */
  readonly note?: string;
  /** The PanNuke split of which this is the test fold. */
  readonly split?: string;
  readonly classes: ClassSet;
  readonly summary: QualitySummary;
}

/** Makes the table of measures of whole images, with a row per result. */
export function overviewTable(results: readonly MeasuredPrediction[]): Table {
  const tissues = results.some(({ summary }) => summary.bPQ !== null);
  const columns = {
    images: (s: QualitySummary) => String(s.images),
    nuclei: (s: QualitySummary) => String(s.nuclei.truth),
    predicted: (s: QualitySummary) => String(s.nuclei.prediction),
    Dice: (s: QualitySummary) => s.dice,
    AJI: (s: QualitySummary) => s.aji,
    'AJI+': (s: QualitySummary) => s.ajiPlus,
    DQ: (s: QualitySummary) => s.dq,
    SQ: (s: QualitySummary) => s.sq,
    PQ: (s: QualitySummary) => s.pq,
    ...(tissues && { bPQ: (s: QualitySummary) => s.bPQ, mPQ: (s: QualitySummary) => s.mPQ }),
    'bPQ images': (s: QualitySummary) => s.bPQ_images,
    'mPQ images': (s: QualitySummary) => s.mPQ_images,
    'mPQ+': (s: QualitySummary) => s.mPQPlus,
    R2: (s: QualitySummary) => s.R2,
    F_d: (s: QualitySummary) => s.F_d,
    precision: (s: QualitySummary) => s.precision_d,
    recall: (s: QualitySummary) => s.recall_d,
  };
  return {
    title: 'Segmentation and detection',
    notes: [
      ...(tissues
        ? [
            "bPQ, mPQ: PanNuke's, averaged per tissue, then over tissues; 'images': the plain mean over images",
          ]
        : [
            "bPQ images, mPQ images: PanNuke's measures as the plain mean over images (the set knows no tissues)",
          ]),
      'F_d, precision, recall: centroids paired within 12 px',
      ...notesOf(results),
    ],
    columns: ['', ...Object.keys(columns)],
    rows: results.map(({ prediction, summary }) => [
      prediction,
      ...Object.values(columns).map((value) => value(summary)),
    ]),
  };
}

/** Collects the notes of some results, each once. */
export function notesOf(results: readonly { readonly note?: string }[]): string[] {
  return [...new Set(results.flatMap(({ note }) => note ?? []))];
}

/** Makes the table of measures per class of one result. */
export function classTable({ prediction, classes, summary }: MeasuredPrediction): Table {
  return {
    title: `${prediction}: classes '${classes.name}'`,
    notes: [
      'PQ: mean over images that have the class; PQ+: over all images together',
      "F, precision, recall: HoVer-Net's F_c and its parts; its TN term, zero in the published code, is left out",
    ],
    columns: ['', 'nuclei', 'predicted', 'PQ', 'PQ+', 'F', 'precision', 'recall', 'R2'],
    rows: summary.classes.map(({ name, nuclei, PQ, PQPlus, F, precision, recall, R2 }) => [
      name,
      String(nuclei.truth),
      String(nuclei.prediction),
      PQ,
      PQPlus,
      F,
      precision,
      recall,
      R2,
    ]),
  };
}

/** Makes the table of which predicted classes the true nuclei were paired with. */
export function confusionTable({ prediction, classes, summary }: MeasuredPrediction): Table {
  const { paired, pairedIgnored, missed, missedIgnored, extra } = summary.confusion;
  const names = ['unclassified', ...classes.classes.map(({ name }) => name)];
  // Class 0 comes last, and only if it occurs.
  const withZero = [...paired[0]!, missed[0]!, ...paired.map((row) => row[0]!), extra[0]!].some((n) => n > 0);
  const ids = [...names.keys()].slice(1).concat(withZero ? [0] : []);
  const hasIgnored = missedIgnored + pairedIgnored.reduce((sum, n) => sum + n, 0) > 0;
  return {
    title: `${prediction}: true nuclei (rows) by predicted class (columns)`,
    notes: ['pairs of centroids within 12 px'],
    columns: ['', ...ids.map((id) => names[id]!), 'not found'],
    rows: [
      ...ids.map((id) => [names[id]!, ...ids.map((p) => String(paired[id]![p])), String(missed[id])]),
      ...(hasIgnored
        ? [['class not judged', ...ids.map((p) => String(pairedIgnored[p])), String(missedIgnored)]]
        : []),
      ['no nucleus', ...ids.map((p) => String(extra[p])), null],
    ],
  };
}

/** Formats a table as text with aligned columns. */
export function tableText({ title, notes, columns, rows }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(cell))];
  const widths = columns.map((_, c) => Math.max(...cells.map((row) => row[c]!.length)));
  const lines = cells.map((row) =>
    row
      .map((text, c) => text.padEnd(widths[c]!))
      .join('  ')
      .trimEnd(),
  );
  return [title, ...lines, ...notes.map((note) => `  ${note}`)].join('\n') + '\n';
}

export function tableMarkdown({ title, notes, columns, rows }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(cell))];
  return [
    `**${title}**`,
    '',
    markdownTable(cells.map((row) => row.map((text) => text.replaceAll('|', '\\|')))),
    '',
    ...notes.map((note) => `${note}.  `),
    '',
  ].join('\n');
}

function cell(value: string | number | null): string {
  if (value === null) return '-';
  if (typeof value === 'string') return value;
  return value.toFixed(4);
}
