import type { Evidence } from '../evidence.js';
import { kaplanMeierMean } from '../kaplan-meier.js';
import { measures, type MeasureName } from '../measures.js';
import { counts, count, nucleiOf, section } from './parts.js';
import type { Role } from '../../context/roles.js';

const histominer = 'Histo-Miner (PLoS Comput Biol 2026), closest distances per pair of classes';

const medianDistance = (measure: MeasureName, from: Role, to: Role) => ({
  name: `nn_${from}_to_${to}_median_um`,
  unit: 'um',
  definition: `Median distance from a ${from} nucleus to the nearest ${from === to ? 'other ' : ''}${to} nucleus`,
  formula: `median of nearest_${to}_um of ${from} nuclei, to 0.01 um`,
  source: histominer,
  roles: from === to ? [from] : [from, to],
  minimum: nucleiOf(50, ...(from === to ? [from] : [from, to])),
  nuclei: (evidence: Evidence) => evidence.sum(`values.${measure}`),
  value: (evidence: Evidence) => evidence.quantile(measure, 0.5),
  undefinedAs: `no ${measures[measure].role} nucleus has one`,
  log: true,
});

export const distances = section('distances', { inRegions: true }, [
  medianDistance('tumour_to_immune', 'tumour', 'immune'),
  medianDistance('immune_to_tumour', 'immune', 'tumour'),
  medianDistance('tumour_to_stromal', 'tumour', 'stromal'),
  medianDistance('stromal_to_immune', 'stromal', 'immune'),
  medianDistance('tumour_to_tumour', 'tumour', 'tumour'),
  {
    name: 'immune_within_20um_of_tumour_fraction',
    unit: '',
    definition: 'Share of immune nuclei that have a tumour nucleus within 20 um, centre to centre',
    formula: 'share of immune nuclei with nearest_tumour_um <= 20',
    source: 'average_co_occurrence within 20 um of Owkin Pathology Explorer',
    roles: ['tumour', 'immune'],
    minimum: nucleiOf(50, 'tumour', 'immune'),
    nuclei: count('immune'),
    value: (evidence: Evidence) => evidence.sum('immune.near_tumour') / count('immune')(evidence),
  },
  {
    name: 'gcross_tumour_immune_mean50',
    unit: '',
    definition:
      "Share of tumour nuclei that have an immune nucleus within r, averaged over r from 0 to 50 um. Tumour nuclei near the tissue's edge, whose neighbour may lie beyond it, count up to the edge",
    formula:
      'integral from 0 to 50 um of G(r) dr / 50, G the Kaplan-Meier estimate from min(nearest_immune_um, tissue_edge_um) in steps of 0.5 um',
    source: 'Baddeley and Gill 1997: spatstat\'s Gcross, correction "km"; summary as an area under the curve',
    roles: ['tumour', 'immune'],
    minimum: nucleiOf(50, 'tumour', 'immune'),
    nuclei: counts('tumour', 'immune'),
    value: ({ survival: { ended, found } }: Evidence) => kaplanMeierMean(ended, found),
    inRegions: false,
  },
]);
