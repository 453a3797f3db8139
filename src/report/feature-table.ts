import { columnsOf, ownColumns, reasonColumn } from '../features/cohort-columns.js';
import { features } from '../features/definitions/features.js';
import { type Feature, sections, type Section } from '../features/feature.js';
import type { SlideFeatures } from '../features/feature-file.js';
import { patientValue } from '../features/patients.js';
import { etaSquared, type Explained } from '../features/variance.js';
import type { Entry } from './cohort-entries.js';
import { type CohortColumn, manifestColumns } from './cohort-table.js';

/** Column of the manifest that says whose slide it is. */
const patientColumn = 'patient';

/** A slide that has features. */
export interface FeatureEntry extends Entry {
  readonly features: SlideFeatures;
}

export function withFeatures(entries: readonly Entry[]): FeatureEntry[] {
  return entries.filter((entry): entry is FeatureEntry => entry.features !== undefined);
}

/** Returns the features that at least one of the slides has, in the order of their definitions. */
export function featuresIn(entries: readonly FeatureEntry[]): Feature[] {
  return features.filter(({ name }) => entries.some((entry) => name in entry.features.features));
}

/** Makes the table of slides: a row for each that has features. */
export function featureColumns(entries: readonly FeatureEntry[]): CohortColumn[] {
  const of = entries.map(({ features }) => features);
  return withManifest(
    [text('id', entries, ({ state }) => state.row.id)],
    entries.map(({ state }) => state.row.columns),
    [
      number(ownColumns.tissue.name, of, ({ tissue_mm2 }) => tissue_mm2),
      number(ownColumns.blocks.name, of, ({ blocks }) => blocks),
      text(ownColumns.source.name, of, ({ tumour_region }) => tumour_region ?? ''),
      ...valueColumns(
        featuresIn(entries),
        of.map(({ features }) => features),
      ),
    ],
  );
}

/** Makes the table of the user's regions: a row for each region of each slide; undefined if there are none. */
export function regionColumns(entries: readonly FeatureEntry[]): CohortColumn[] | undefined {
  const rows = entries.flatMap((entry) =>
    Object.entries(entry.features.regions).map(([region, found]) => ({ entry, region, found })),
  );
  if (rows.length === 0) return undefined;
  const there = features.filter(({ name }) => rows.some(({ found }) => name in found.features));
  return withManifest(
    [
      text('id', rows, ({ entry }) => entry.state.row.id),
      text(ownColumns.region.name, rows, ({ region }) => region),
    ],
    rows.map(({ entry }) => entry.state.row.columns),
    [
      number(ownColumns.tissue.name, rows, ({ found }) => found.tissue_mm2),
      ...valueColumns(
        there,
        rows.map(({ found }) => found.features),
      ),
    ],
  );
}

/** Makes the table of patients; undefined if the manifest does not name them. */
export function patientColumns(entries: readonly FeatureEntry[]): CohortColumn[] | undefined {
  const byPatient = new Map<string, FeatureEntry[]>();
  for (const entry of entries) {
    const patient = entry.state.row.columns[patientColumn] ?? '';
    if (patient !== '') byPatient.set(patient, [...(byPatient.get(patient) ?? []), entry]);
  }
  if (byPatient.size === 0) return undefined;
  const patients = [...byPatient].sort(([a], [b]) => (a < b ? -1 : 1));
  const value = (feature: Feature) =>
    number(feature.name, patients, ([, slides]) =>
      patientValue(
        feature,
        slides.map(({ features }) => ({
          value: features.features[feature.name]?.value ?? null,
          tissueMm2: features.tissue_mm2,
        })),
      ),
    );
  return withManifest(
    [text(ownColumns.patient.name, patients, ([patient]) => patient)],
    patients.map(([, slides]) => agreed(slides)),
    [
      number(ownColumns.slides.name, patients, ([, slides]) => slides.length),
      number(ownColumns.tissue.name, patients, ([, slides]) =>
        slides.reduce((sum, { features }) => sum + features.tissue_mm2, 0),
      ),
      ...featuresIn(entries).map(value),
    ],
  );
}

/** The manifest's values in which all slides of a patient agree. */
function agreed(slides: readonly FeatureEntry[]): Record<string, string> {
  const names = [...new Set(slides.flatMap(({ state }) => Object.keys(state.row.columns)))];
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = new Set(slides.map(({ state }) => state.row.columns[name] ?? ''));
      return name === patientColumn ? [] : [[name, values.size === 1 ? [...values][0]! : '']];
    }),
  );
}

/** Returns a feature's value on each slide as it is best studied, log(1 + value) of skewed ones; null where it has none. */
export function studiedValues(entries: readonly FeatureEntry[], { name, log }: Feature): (number | null)[] {
  return entries.map(({ features }) => {
    const value = features.features[name]?.value ?? null;
    return value !== null && log ? Math.log1p(value) : value;
  });
}

/**
 * Says how much of each feature's variance over slides each column of the manifest explains, most first. Patients are left
 * out: that their slides resemble each other is no matter of where and how these were made.
 */
export function explainedBy(entries: readonly FeatureEntry[]): Explained[] {
  const names = new Set(entries.flatMap(({ state }) => Object.keys(state.row.columns)));
  const columns = [...names].filter((name) => name !== patientColumn);
  const list = columns.flatMap((column) =>
    featuresIn(entries).flatMap((feature) => {
      const found = etaSquared(
        studiedValues(entries, feature),
        entries.map(({ state }) => state.row.columns[column] ?? ''),
      );
      return found ? [{ feature: feature.name, column, ...found }] : [];
    }),
  );
  return list.sort((a, b) => columns.indexOf(a.column) - columns.indexOf(b.column) || b.eta2 - a.eta2);
}

export function varianceColumns(explained: readonly Explained[]): CohortColumn[] {
  return [
    text('feature', explained, ({ feature }) => feature),
    text('column', explained, ({ column }) => column),
    number('groups', explained, ({ groups }) => groups),
    number('slides', explained, ({ slides }) => slides),
    number('eta2', explained, ({ eta2 }) => eta2),
    number('by_chance', explained, ({ byChance }) => byChance),
  ];
}

type FoundByName = SlideFeatures['features'];

function valueColumns(there: readonly Feature[], rows: readonly FoundByName[]): CohortColumn[] {
  const columns = (Object.keys(sections) as Section[]).flatMap((section) => {
    const own = there.filter((feature) => feature.section === section);
    if (own.length === 0) return [];
    return [
      ...own.flatMap((feature) => {
        const parts = ['value', 'lo', 'hi'] as const;
        return columnsOf(feature).map(({ name }, k) =>
          number(name, rows, (row) => row[feature.name]?.[parts[k]!]),
        );
      }),
      text(reasonColumn(section).name, rows, (row) => reasons(own, row)),
    ];
  });
  const leans = (row: FoundByName) => there.filter(({ name }) => row[name]?.leans).map(({ name }) => name);
  return [...columns, text(ownColumns.leans.name, rows, (row) => leans(row).join(';'))];
}

function reasons(own: readonly Feature[], row: FoundByName): string {
  const byReason = new Map<string, string[]>();
  for (const { name } of own) {
    const reason = row[name]?.reason;
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  }
  return [...byReason].map(([reason, names]) => `${reason} (${names.join(', ')})`).join('; ');
}

function text<Row>(name: string, rows: readonly Row[], of: (row: Row) => string): CohortColumn {
  return { name, type: 'STRING', values: rows.map(of) };
}

function number<Row>(
  name: string,
  rows: readonly Row[],
  of: (row: Row) => number | null | undefined,
): CohortColumn {
  return { name, type: 'DOUBLE', values: rows.map((row) => of(row) ?? null) };
}

function withManifest(
  first: readonly CohortColumn[],
  rows: readonly Readonly<Record<string, string>>[],
  rest: readonly CohortColumn[],
): CohortColumn[] {
  const taken = new Set([...first, ...rest].map(({ name }) => name));
  return [...first, ...manifestColumns(rows, taken), ...rest];
}
