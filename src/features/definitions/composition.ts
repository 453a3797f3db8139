import type { Role } from '../../context/roles.js';
import type { Evidence } from '../evidence.js';
import {
  allNuclei,
  count,
  counts,
  enoughStroma,
  enoughTissue,
  enoughTyped,
  logRatio,
  section,
  tissue,
  typedNuclei,
} from './parts.js';

/** The roles whose nuclei are counted each by itself. */
const counted = ['tumour', 'epithelial', 'immune', 'stromal', 'dead'] as const satisfies readonly Role[];

const owkin = 'HistoAtlas (arXiv 2603.16587), densities; also in Owkin Pathology Explorer';
const atlas = 'HistoAtlas (arXiv 2603.16587), composition';

const ratio = (a: Role, b: Role) => ({
  name: `log2_${a}_to_${b}`,
  unit: 'log2',
  definition: `How many ${a} nuclei there are for one ${b} nucleus, as a binary logarithm: 1 is twice as many, -1 half`,
  formula: `log2((n_${a} + 0.5) / (n_${b} + 0.5))`,
  source: 'ratios of MuTILs (npj Breast Cancer 2024), as logarithms',
  roles: [a, b],
  minimum: [enoughTyped],
  nuclei: counts(a, b),
  value: (evidence: Evidence) => logRatio(count(a)(evidence), count(b)(evidence)),
});

/** Shannon's entropy in nats of the shares of the classes. */
function entropy(evidence: Evidence): number {
  const shares = evidence.classes.map((k) => evidence.sum(`of_class.${k}`) / typedNuclei(evidence));
  return shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log(share) : sum), 0);
}

export const composition = section('composition', { inRegions: true }, [
  {
    name: 'n_all',
    unit: 'nuclei',
    definition: 'Number of nuclei that count (quality ok), of all classes',
    formula: 'number of rows with quality ok',
    source: owkin,
    minimum: [],
    nuclei: allNuclei,
    value: allNuclei,
    log: true,
    leans: false,
    adds: true,
  },
  ...counted.map((role) => ({
    name: `n_${role}`,
    unit: 'nuclei',
    definition: `Number of ${role} nuclei`,
    formula: `number of nuclei whose class has the role ${role}`,
    source: owkin,
    roles: [role],
    minimum: [],
    nuclei: count(role),
    value: count(role),
    log: true,
    adds: true,
  })),
  ...counted.map((role) => ({
    name: `density_${role}_per_mm2`,
    unit: 'nuclei/mm2',
    definition: `${role} nuclei per mm2 of tissue`,
    formula: `n_${role} / tissue_mm2`,
    source: owkin,
    roles: [role],
    minimum: [enoughTissue],
    nuclei: count(role),
    value: (evidence: Evidence) => count(role)(evidence) / tissue(evidence),
    log: true,
  })),
  {
    name: 'density_all_per_mm2',
    unit: 'nuclei/mm2',
    definition: 'Nuclei of all classes per mm2 of tissue',
    formula: 'n_all / tissue_mm2',
    source: owkin,
    minimum: [enoughTissue],
    nuclei: allNuclei,
    value: (evidence: Evidence) => allNuclei(evidence) / tissue(evidence),
    log: true,
    leans: false,
  },
  ...counted.map((role) => ({
    name: `fraction_${role}`,
    unit: '',
    definition: `Share of ${role} nuclei among those whose class has a role, 0 to 1`,
    formula: `n_${role} / (nuclei with a role)`,
    source: atlas,
    roles: [role],
    minimum: [enoughTyped],
    nuclei: typedNuclei,
    value: (evidence: Evidence) => count(role)(evidence) / typedNuclei(evidence),
  })),
  ratio('tumour', 'stromal'),
  ratio('tumour', 'immune'),
  ratio('immune', 'stromal'),
  {
    name: 'immune_share_of_associated_stroma',
    unit: '',
    definition:
      'Share of immune nuclei among the immune and stromal ones outside the tumour region, within 500 um of it. A share of nuclei, not of area: it is not the sTIL score',
    formula: 'I / (I + S), both with 0 <= tumour_edge_um <= 500',
    source: "MuTILs' nTILsCells2nAllStromaCells (npj Breast Cancer 2024)",
    roles: ['immune', 'stromal'],
    region: true,
    minimum: [
      enoughStroma,
      {
        least: 200,
        what: 'immune and stromal nuclei within 500 um of the tumour region',
        of: (evidence: Evidence) => evidence.sum('associated.immune') + evidence.sum('associated.stromal'),
      },
    ],
    nuclei: (evidence: Evidence) => evidence.sum('associated.immune') + evidence.sum('associated.stromal'),
    value: (evidence: Evidence) =>
      evidence.sum('associated.immune') /
      (evidence.sum('associated.immune') + evidence.sum('associated.stromal')),
    inRegions: false,
  },
  {
    name: 'shannon_classes',
    unit: 'nats',
    definition:
      "Diversity of classes: Shannon's entropy of the shares of the classes that have a role; 0 where all nuclei are of one",
    formula: '-sum p ln p over the classes that have a role',
    source: atlas,
    minimum: [enoughTyped],
    nuclei: typedNuclei,
    value: entropy,
  },
  {
    name: 'dead_per_1000_tumour',
    unit: 'nuclei per 1000',
    definition: 'Dead nuclei for every thousand tumour nuclei',
    formula: '1000 n_dead / n_tumour',
    source: 'HistoAtlas (arXiv 2603.16587), kinetics',
    roles: ['dead', 'tumour'],
    minimum: [{ least: 200, what: 'tumour nuclei', of: count('tumour') }],
    nuclei: counts('dead', 'tumour'),
    value: (evidence: Evidence) => (1000 * count('dead')(evidence)) / count('tumour')(evidence),
    log: true,
  },
]);
