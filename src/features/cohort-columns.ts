import { features } from './definitions/features.js';
import type { Feature } from './feature.js';
import { sections, type Section } from './feature.js';

/** A column of the cohort's tables of features, but those of the manifest. */
export interface FeatureColumn {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
  /** The feature that it is of. */
  readonly feature?: Feature;
}

const column = (name: string, unit: string, meaning: string): FeatureColumn => ({ name, unit, meaning });

/** Columns that are no features, by the tables that have them. */
export const ownColumns = {
  id: column('id', '', "name of the slide's folder among the results"),
  patient: column('patient', '', 'patient, as the manifest names it'),
  region: column('region', '', "name of the user's region: the class, else the name, of its polygons"),
  slides: column('slides', '', 'number of slides that the row is made of'),
  tissue: column('tissue_mm2', 'mm2', 'area of tissue; of a region, of the tissue in it'),
  blocks: column('blocks', '', 'number of squares of 1 mm with tissue, which the intervals are drawn from'),
  source: column(
    'tumour_region',
    '',
    'where the tumour region comes from: `nuclei` or `file`; empty without one',
  ),
  leans: column(
    'leans_on_doubtful_classes',
    '',
    'features that differ by over 20 % when nuclei with a class_share below 0.6 are left out, or have no value then',
  ),
} as const;

export function reasonColumn(section: Section): FeatureColumn {
  return column(
    `${section}_reason`,
    '',
    `why features of the section '${sections[section]}' have no value, each with those that it holds for`,
  );
}

/** The columns of a feature: its value and, where it has one, its interval. */
export function columnsOf(feature: Feature): FeatureColumn[] {
  const { name, unit, definition } = feature;
  const value: FeatureColumn = { name, unit, meaning: definition, feature };
  if (!feature.interval) return [value];
  return [
    value,
    column(`${name}_lo`, unit, `lower end of the 95 % interval of ${name}`),
    column(`${name}_hi`, unit, `upper end of the 95 % interval of ${name}`),
  ];
}

/** All columns of the tables of slides, regions and patients that have a meaning of their own. */
export function allColumns(): FeatureColumn[] {
  return [
    ...Object.values(ownColumns),
    ...(Object.keys(sections) as Section[]).flatMap((section) => [
      ...features.filter((feature) => feature.section === section).flatMap(columnsOf),
      reasonColumn(section),
    ]),
  ];
}
