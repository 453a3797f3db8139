import type { Evidence } from '../evidence.js';
import { count, enoughTissue, enoughTumour, nucleiOf, section } from './parts.js';

const tls =
  'sizes and densities of tertiary lymphoid structures in PLoS One 2021 (e0256907); candidates: nothing here looks for germinal centres';

export const aggregates = section('aggregates', { leans: false }, [
  {
    name: 'lymphoid_aggregate_candidates_n',
    unit: 'aggregates',
    definition:
      'Number of dense groups of immune nuclei, as large as tertiary lymphoid structures at least. Candidates to look at',
    formula:
      'cores: immune nuclei with at least 60 immune nuclei within 50 um, itself included (0.0076 per um2); cores within 50 um of each other and immune nuclei within 50 um of a core make a group; it has at least 45 nuclei and 6,245 um2',
    source: tls,
    roles: ['immune'],
    minimum: [enoughTissue],
    nuclei: count('immune'),
    value: (evidence: Evidence) => evidence.sum('aggregates'),
    log: true,
    adds: true,
  },
  {
    name: 'lymphoid_aggregate_candidates_per_mm2',
    unit: 'aggregates/mm2',
    definition: 'The same per mm2 of tissue',
    formula: 'lymphoid_aggregate_candidates_n / tissue_mm2',
    source: tls,
    roles: ['immune'],
    minimum: [enoughTissue],
    nuclei: count('immune'),
    value: (evidence: Evidence) => evidence.sum('aggregates') / evidence.sum('mm2.tissue'),
    log: true,
  },
  {
    name: 'immune_in_aggregates_fraction',
    unit: '',
    definition: 'Share of immune nuclei that lie in such groups',
    formula: 'immune nuclei with an aggregate_id / n_immune',
    source: tls,
    roles: ['immune'],
    minimum: [enoughTissue, ...nucleiOf(50, 'immune')],
    nuclei: count('immune'),
    value: (evidence: Evidence) => evidence.sum('immune.aggregated') / count('immune')(evidence),
    leans: true,
  },
  {
    name: 'small_tumour_groups_per_mm2_front',
    unit: 'groups/mm2',
    definition:
      'Groups of one to four tumour nuclei apart from all others at the front, per mm2 of it. A proxy by nuclei of what is looked for as tumour budding, not a bud count',
    formula:
      'groups of 1 to 4 tumour nuclei, more than 30 um from all others, with |tumour_edge_um| <= 100 / area of the front',
    source: 'ITBCC 2016 (a bud is up to 4 cells)',
    roles: ['tumour'],
    region: true,
    minimum: [enoughTumour, ...nucleiOf(100, 'tumour')],
    nuclei: count('tumour'),
    value: (evidence: Evidence) => evidence.sum('buds') / evidence.sum('mm2.front'),
    log: true,
  },
  {
    name: 'isolated_tumour_fraction',
    unit: '',
    definition: 'Share of tumour nuclei that have no other tumour nucleus within 30 um',
    formula: 'tumour nuclei with nearest_tumour_um > 30, or none at all / n_tumour',
    source: 'ITBCC 2016 (single cells apart from the tumour)',
    roles: ['tumour'],
    minimum: nucleiOf(100, 'tumour'),
    nuclei: count('tumour'),
    value: (evidence: Evidence) => evidence.sum('tumour.isolated') / count('tumour')(evidence),
    leans: true,
  },
]);
