import { frontReach } from '../../context/areas.js';
import { tileMm2 } from '../../context/columns.js';
import type { Evidence } from '../evidence.js';
import type { Minimum } from '../feature.js';
import { count, enoughStroma, enoughTissue, enoughTumour, logRatio, section, tissue } from './parts.js';

const atlas = 'HistoAtlas (arXiv 2603.16587), immune geography';
const invasion = 'HistoAtlas (arXiv 2603.16587), invasion';
const region =
  'the tumour region (derived from nuclei, or the one of the user: `tumour_region` in features.json)';

const sum = (name: string) => (evidence: Evidence) => evidence.sum(name);
const tumourArea = sum('mm2.tumour');
const tumourNuclei = count('tumour');

const enoughOf = (least: number, what: string, name: string): Minimum => ({ least, what, of: sum(name) });
const enoughInterface = enoughOf(0.5, 'mm of tumour edge within tissue', 'mm.interface');
const enoughInside = enoughOf(50, 'immune nuclei in the tumour region', 'immune.inside');

const desertBelow = 50;

export const compartments = section('compartments', { region: true, leans: false }, [
  {
    name: 'tumour_area_mm2',
    unit: 'mm2',
    definition: `Area of ${region}`,
    formula: 'number of its cells of 25 um x their area',
    source: invasion,
    minimum: [enoughTissue],
    nuclei: tumourNuclei,
    value: tumourArea,
    log: true,
    adds: true,
  },
  {
    name: 'tumour_fraction',
    unit: '',
    definition: 'Share of the tissue that is tumour region',
    formula: 'tumour_area_mm2 / tissue_mm2',
    source: invasion,
    minimum: [enoughTissue],
    nuclei: tumourNuclei,
    value: (evidence) => tumourArea(evidence) / tissue(evidence),
  },
  {
    name: 'tumour_largest_component_share',
    unit: '',
    definition: 'Share of the tumour region that is its largest connected piece: 1 where it is one',
    formula: 'area of the largest piece (cells joined also at corners) / tumour_area_mm2',
    source: invasion,
    minimum: [enoughTumour],
    nuclei: tumourNuclei,
    value: ({ pieces }) => pieces.largestMm2 / pieces.areaMm2,
    interval: false,
  },
  {
    name: 'tumour_components_per_mm2',
    unit: 'pieces/mm2',
    definition: 'Connected pieces of the tumour region per mm2 of it: high where it is broken up',
    formula: 'number of pieces / tumour_area_mm2',
    source: invasion,
    minimum: [enoughTumour],
    nuclei: tumourNuclei,
    value: ({ pieces }) => pieces.count / pieces.areaMm2,
    log: true,
    interval: false,
  },
  {
    name: 'interface_mm_per_mm2',
    unit: 'mm/mm2',
    definition:
      "Length of the tumour region's edge within tissue per mm2 of it: high where it is ragged or broken up",
    formula: 'Crofton length of the edge (four directions) / tumour_area_mm2',
    source: invasion,
    minimum: [enoughTumour],
    nuclei: tumourNuclei,
    value: (evidence) => evidence.sum('mm.interface') / tumourArea(evidence),
    log: true,
  },
  {
    name: 'immune_intratumoural_per_mm2',
    unit: 'nuclei/mm2',
    definition: 'Immune nuclei in the tumour region per mm2 of it',
    formula: 'immune nuclei with tumour_edge_um < 0 / tumour_area_mm2',
    source: atlas,
    roles: ['immune'],
    minimum: [enoughTumour],
    nuclei: sum('immune.inside'),
    value: (evidence) => evidence.sum('immune.inside') / tumourArea(evidence),
    log: true,
    leans: true,
  },
  {
    name: 'immune_peritumoural_per_mm2',
    unit: 'nuclei/mm2',
    definition: 'Immune nuclei per mm2 in the tissue within 100 um outside the tumour region',
    formula: `immune nuclei with 0 <= tumour_edge_um <= ${frontReach} / area of that tissue`,
    source: atlas,
    roles: ['immune'],
    minimum: [
      enoughTumour,
      enoughOf(0.1, 'mm2 of tissue within 100 um outside the tumour region', 'mm2.peritumoural'),
    ],
    nuclei: sum('immune.peritumoural'),
    value: (evidence) => evidence.sum('immune.peritumoural') / evidence.sum('mm2.peritumoural'),
    log: true,
    leans: true,
  },
  {
    name: 'immune_associated_stroma_per_mm2',
    unit: 'nuclei/mm2',
    definition: 'Immune nuclei per mm2 in the tissue within 500 um outside the tumour region',
    formula: 'immune nuclei with 0 <= tumour_edge_um <= 500 / area of that tissue',
    source: atlas,
    roles: ['immune'],
    minimum: [enoughTumour, enoughStroma],
    nuclei: sum('associated.immune'),
    value: (evidence) => evidence.sum('associated.immune') / evidence.sum('mm2.associated'),
    log: true,
    leans: true,
  },
  {
    name: 'log2_infiltration',
    unit: 'log2',
    definition:
      'Density of immune nuclei in the tumour region over that within 100 um outside it, as a binary logarithm: 0 where the edge is no barrier, below 0 where they stay out',
    formula: 'log2(((immune inside + 0.5) / tumour mm2) / ((immune peritumoural + 0.5) / peritumoural mm2))',
    source: 'HistoAtlas (arXiv 2603.16587), infiltration ratio at the front',
    roles: ['immune'],
    minimum: [
      enoughTumour,
      enoughOf(0.1, 'mm2 of tissue within 100 um outside the tumour region', 'mm2.peritumoural'),
    ],
    nuclei: (evidence) => evidence.sum('immune.inside') + evidence.sum('immune.peritumoural'),
    value: (evidence) =>
      logRatio(evidence.sum('immune.inside'), evidence.sum('immune.peritumoural')) +
      Math.log2(evidence.sum('mm2.peritumoural') / tumourArea(evidence)),
    leans: true,
  },
  {
    name: 'immune_deep_fraction',
    unit: '',
    definition: 'Share of the immune nuclei in the tumour region that lie more than 100 um from its edge',
    formula: `immune nuclei with tumour_edge_um < -${frontReach} / those with tumour_edge_um < 0`,
    source: 'HistoAtlas (arXiv 2603.16587), deep fraction',
    roles: ['immune'],
    minimum: [enoughTumour, enoughInside],
    nuclei: sum('immune.inside'),
    value: (evidence) => evidence.sum('immune.deep') / evidence.sum('immune.inside'),
    leans: true,
  },
  {
    name: 'immune_desert_fraction',
    unit: '',
    definition: `Share of the tiles of tumour that have fewer than ${desertBelow} immune nuclei per mm2 of tissue`,
    formula: `tiles of 250 um, at least half tumour region, with < ${desertBelow} immune nuclei per mm2 / all such tiles`,
    source: 'HistoAtlas (arXiv 2603.16587), desert fraction',
    roles: ['immune'],
    minimum: [
      enoughTumour,
      {
        least: 5,
        what: 'tiles of 250 um that are at least half tumour region',
        of: ({ tiles }) => tiles.weightWhere((k) => isTumour(tiles.places[k]!)),
      },
    ],
    nuclei: count('immune'),
    value: ({ tiles }) => {
      const { values } = tiles.density('immune');
      const deserted = tiles.weightWhere((k) => isTumour(tiles.places[k]!) && values[k]! < desertBelow);
      return deserted / tiles.weightWhere((k) => isTumour(tiles.places[k]!));
    },
    leans: true,
  },
  {
    name: 'immune_front_per_mm',
    unit: 'nuclei/mm',
    definition: "Immune nuclei within 100 um on either side of the tumour region's edge, per mm of edge",
    formula: `immune nuclei with |tumour_edge_um| <= ${frontReach} / length of the edge within tissue`,
    source: 'HistoAtlas (arXiv 2603.16587), interface-normalised immune pressure',
    roles: ['immune'],
    minimum: [enoughTumour, enoughInterface],
    nuclei: sum('immune.front'),
    value: (evidence) => evidence.sum('immune.front') / evidence.sum('mm.interface'),
    log: true,
    leans: true,
  },
]);

/** Says whether at least half of a tile's square is tumour region. */
function isTumour({ tumourMm2 }: { readonly tumourMm2: number }): boolean {
  return tumourMm2 >= 0.5 * tileMm2;
}
