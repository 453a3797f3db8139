import type { Role } from '../../context/roles.js';
import type { Evidence } from '../evidence.js';
import type { Minimum } from '../feature.js';
import { measures, type MeasureName } from '../measures.js';
import { counts, section } from './parts.js';

const spread =
  'spread of nuclear area: HistoAtlas (arXiv 2603.16587); Vet Pathol 2025 (standard deviation of area)';
const shape = 'HistoAtlas (arXiv 2603.16587), nuclear morphology';

const values = (measure: MeasureName) => (evidence: Evidence) => evidence.sum(`values.${measure}`);
const quantile = (measure: MeasureName, share: number) => (evidence: Evidence) =>
  evidence.quantile(measure, share);

function enough(least: number, ...of: MeasureName[]): Minimum[] {
  return of.map((measure) => ({ least, what: `${measures[measure].role} nuclei`, of: values(measure) }));
}

/** The median of a measure of one role. */
const median = (name: string, measure: MeasureName, unit: string, what: string, column: string) => ({
  name,
  unit,
  definition: `Median of the ${what} of ${measures[measure].role} nuclei`,
  formula: `median of ${column} (class of role ${measures[measure].role})`,
  source: shape,
  roles: [measures[measure].role],
  minimum: enough(100, measure),
  nuclei: values(measure),
  value: quantile(measure, 0.5),
});

const iqr = (measure: MeasureName) => (evidence: Evidence) =>
  evidence.quantile(measure, 0.75) - evidence.quantile(measure, 0.25);

const variation = (measure: MeasureName) => (evidence: Evidence) => {
  const { mean, sd } = evidence.moments(measure);
  return sd / mean;
};

/** Tumour nuclei measured with immune nuclei of the same slide as the ruler. */
const ruler = (name: string, tumour: MeasureName, immune: MeasureName, column: string, cancels: string) => ({
  name,
  unit: '',
  definition: `Median ${column} of tumour nuclei over that of immune nuclei of the same slide, which are the ruler: ${cancels}`,
  formula: `median ${column} of tumour nuclei / median ${column} of immune nuclei`,
  source: 'internal ruler: lymphocytes as the size standard, as pathologists use them',
  roles: ['tumour', 'immune'] satisfies Role[],
  minimum: [...enough(100, tumour), ...enough(100, immune)],
  nuclei: counts('tumour', 'immune'),
  value: (evidence: Evidence) => evidence.quantile(tumour, 0.5) / evidence.quantile(immune, 0.5),
});

export const morphometry = section('morphometry', { inRegions: true }, [
  median('tumour_area_median_um2', 'tumour_area', 'um2', 'area', 'area_um2'),
  {
    name: 'tumour_area_cv',
    unit: '',
    definition:
      'Coefficient of variation of the area of tumour nuclei: how unequal they are in size (pleomorphism; not a grade)',
    formula: 'standard deviation of area_um2 (n - 1) / mean, of tumour nuclei',
    source: spread,
    roles: ['tumour'],
    minimum: enough(200, 'tumour_area'),
    nuclei: values('tumour_area'),
    value: variation('tumour_area'),
  },
  {
    name: 'tumour_area_iqr_ratio',
    unit: '',
    definition:
      'Interquartile range of the area of tumour nuclei over its median: the same without the extremes',
    formula: '(q75 - q25) / median of area_um2, of tumour nuclei',
    source: spread,
    roles: ['tumour'],
    minimum: enough(200, 'tumour_area'),
    nuclei: values('tumour_area'),
    value: (evidence: Evidence) => iqr('tumour_area')(evidence) / evidence.quantile('tumour_area', 0.5),
  },
  {
    name: 'tumour_area_p90_to_p50',
    unit: '',
    definition:
      'How large the largest tumour nuclei are beside the usual ones: the 90th percentile of area over the median',
    formula: 'q90 / median of area_um2, of tumour nuclei',
    source: spread,
    roles: ['tumour'],
    minimum: enough(200, 'tumour_area'),
    nuclei: values('tumour_area'),
    value: (evidence: Evidence) =>
      evidence.quantile('tumour_area', 0.9) / evidence.quantile('tumour_area', 0.5),
  },
  ruler(
    'tumour_to_immune_area',
    'tumour_area',
    'immune_area',
    'area_um2',
    'errors of the pixel size and shrinkage cancel',
  ),
  median('tumour_eccentricity_median', 'tumour_eccentricity', '', 'eccentricity', 'eccentricity'),
  median('tumour_circularity_median', 'tumour_circularity', '', 'circularity', 'circularity'),
  {
    name: 'tumour_circularity_iqr',
    unit: '',
    definition: 'Interquartile range of the circularity of tumour nuclei',
    formula: 'q75 - q25 of circularity, of tumour nuclei',
    source: shape,
    roles: ['tumour'],
    minimum: enough(200, 'tumour_circularity'),
    nuclei: values('tumour_circularity'),
    value: iqr('tumour_circularity'),
  },
  {
    name: 'tumour_solidity_p10',
    unit: '',
    definition: 'Solidity that nine of ten tumour nuclei exceed: low where many are indented',
    formula: 'q10 of solidity, of tumour nuclei',
    source: shape,
    roles: ['tumour'],
    minimum: enough(100, 'tumour_solidity'),
    nuclei: values('tumour_solidity'),
    value: quantile('tumour_solidity', 0.1),
  },
  {
    ...median(
      'tumour_hematoxylin_od_median',
      'tumour_hematoxylin',
      'OD',
      'mean optical density of haematoxylin',
      'hematoxylin_od_mean',
    ),
    definition:
      'Median of the mean optical density of haematoxylin of tumour nuclei. It follows the staining of the laboratory: compare it within one',
  },
  {
    name: 'tumour_hematoxylin_od_cv',
    unit: '',
    definition: 'Coefficient of variation of the optical density of haematoxylin between tumour nuclei',
    formula: 'standard deviation of hematoxylin_od_mean (n - 1) / mean, of tumour nuclei',
    source: 'npj Precision Oncology 2024 (s41698-024-00623-9), nuclear stain features',
    roles: ['tumour'],
    minimum: enough(200, 'tumour_hematoxylin'),
    nuclei: values('tumour_hematoxylin'),
    value: variation('tumour_hematoxylin'),
  },
  ruler(
    'tumour_to_immune_hematoxylin',
    'tumour_hematoxylin',
    'immune_hematoxylin',
    'hematoxylin_od_mean',
    "the slide's staining cancels",
  ),
  median('immune_area_median_um2', 'immune_area', 'um2', 'area', 'area_um2'),
  median('stromal_eccentricity_median', 'stromal_eccentricity', '', 'eccentricity', 'eccentricity'),
  {
    name: 'stromal_alignment_50um',
    unit: '',
    definition:
      'How parallel stromal nuclei lie to those around them: 1 where all within 50 um point the same way, near 0 where they point anywhere',
    formula:
      'mean of alignment_50um of stromal nuclei: length of the mean of exp(2i orientation) over the stromal nuclei within 50 um, itself included, where they are at least 5',
    source:
      'collagen and fibroblast alignment in HistoAtlas (arXiv 2603.16587), stroma; doubled angles as for axial data',
    roles: ['stromal'],
    minimum: enough(100, 'stromal_alignment').map((each) => ({
      ...each,
      what: 'stromal nuclei with enough stromal nuclei within 50 um',
    })),
    nuclei: values('stromal_alignment'),
    value: (evidence: Evidence) => evidence.moments('stromal_alignment').mean,
  },
]);
