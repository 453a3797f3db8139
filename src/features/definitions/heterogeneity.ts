import type { Role } from '../../context/roles.js';
import type { Evidence } from '../evidence.js';
import type { Minimum } from '../feature.js';
import { gini, moran, morisitaHorn, variation, weightedQuantile } from '../tile-statistics.js';
import { allNuclei, count, counts, enoughTiles, nucleiOf, section } from './parts.js';

const atlas = 'HistoAtlas (arXiv 2603.16587), heterogeneity: spread over tiles';
const nawaz = 'Nawaz et al. 2015 (hot spots of cancer and immune cells by Getis-Ord Gi*)';

const densityCv = (role: Role | 'all') => ({
  name: role === 'all' ? 'density_cv' : `${role}_density_cv`,
  unit: '',
  definition: `Coefficient of variation over tiles of the density of ${role === 'all' ? 'nuclei of all classes' : `${role} nuclei`}`,
  formula:
    'standard deviation (n - 1) / mean of nuclei per mm2 of tissue, over tiles of 250 um that are at least half tissue',
  source: atlas,
  roles: role === 'all' ? [] : [role],
  minimum: [enoughTiles, ...(role === 'all' ? [] : nucleiOf(50, role))],
  nuclei: role === 'all' ? allNuclei : count(role),
  value: ({ tiles }: Evidence) => variation(tiles.density(role)),
  leans: role !== 'all',
  undefinedAs: `no ${role === 'all' ? '' : `${role} `}nuclei in the tiles`,
});

const hotTiles = (role: Role): Minimum => ({
  least: 1,
  what: `tiles that are hot spots of ${role} nuclei`,
  of: ({ tiles }) => tiles.weightWhere((k) => tiles.hotSpots(role)[k] === 1),
});

const hotFraction = (role: Role) => ({
  name: `${role}_hotspot_fraction`,
  unit: '',
  definition: `Share of tiles that are hot spots of ${role} nuclei: their density and that of the tiles beside them is far above the slide's mean`,
  formula: `share of tiles with z > 1.96 of Gi* of ${role} density (weights 1 for the tile and its up to 8 neighbours). For the interval, hot spots stay those of the slide`,
  source: nawaz,
  roles: [role],
  minimum: [enoughTiles, ...nucleiOf(50, role)],
  nuclei: count(role),
  value: ({ tiles }: Evidence) =>
    tiles.weightWhere((k) => tiles.hotSpots(role)[k] === 1) / tiles.weightWhere(() => true),
});

const coHotspot = (of: Role, other: Role) => ({
  name: `cohotspot_of_${of}`,
  unit: '',
  definition: `Share of the ${of} hot spots that are ${other} hot spots too`,
  formula: `tiles that are hot spots of both / tiles that are hot spots of ${of} nuclei`,
  source: nawaz,
  roles: [of, other],
  minimum: [enoughTiles, ...nucleiOf(50, of, other), hotTiles(of)],
  nuclei: counts(of, other),
  value: ({ tiles }: Evidence) => {
    const [hot, also] = [tiles.hotSpots(of), tiles.hotSpots(other)];
    return tiles.weightWhere((k) => hot[k] === 1 && also[k] === 1) / tiles.weightWhere((k) => hot[k] === 1);
  },
});

export const heterogeneity = section('heterogeneity', {}, [
  densityCv('tumour'),
  densityCv('immune'),
  densityCv('all'),
  {
    name: 'immune_density_p90_per_mm2',
    unit: 'nuclei/mm2',
    definition: 'Density of immune nuclei that one of ten tiles exceeds',
    formula: 'q90 of immune nuclei per mm2 of tissue, over tiles',
    source: atlas,
    roles: ['immune'],
    minimum: [enoughTiles],
    nuclei: count('immune'),
    value: ({ tiles }: Evidence) => weightedQuantile(tiles.density('immune'), 0.9),
    log: true,
  },
  {
    name: 'immune_density_gini',
    unit: '',
    definition:
      'Gini coefficient of the density of immune nuclei over tiles: 0 where all tiles have the same, towards 1 where one has all',
    formula: 'sum over pairs of tiles |x - y| / (2 n^2 mean)',
    source: 'Gini coefficient; on tiles of immune density as heterogeneity in HistoAtlas',
    roles: ['immune'],
    minimum: [enoughTiles, ...nucleiOf(50, 'immune')],
    nuclei: count('immune'),
    value: ({ tiles }: Evidence) => gini(tiles.density('immune')),
    undefinedAs: 'no immune nuclei in the tiles',
  },
  {
    name: 'immune_moran',
    unit: '',
    definition:
      "Moran's I of the density of immune nuclei: above 0 where tiles resemble those beside them, near 0 where they do not",
    formula:
      "Moran's I over tiles, neighbours by the queen's move, weights row-standardised. For the interval, neighbours stay those of the slide",
    source: "Moran 1950, as esda's Moran",
    roles: ['immune'],
    minimum: [enoughTiles, ...nucleiOf(50, 'immune')],
    nuclei: count('immune'),
    value: ({ tiles }: Evidence) => moran(tiles.density('immune'), tiles.neighbours),
    undefinedAs: 'all tiles have the same density, or none has a neighbour',
  },
  {
    name: 'morisita_horn_tumour_immune',
    unit: '',
    definition:
      'Morisita-Horn index of tumour and immune nuclei over tiles: 1 where both have the same shares everywhere, 0 where no tile has both',
    formula: '2 sum(t i) / ((sum(t^2)/T^2 + sum(i^2)/I^2) T I), counts t and i per tile, T and I their sums',
    source: 'Maley et al. 2015 (Morisita-Horn of cancer and immune cells)',
    roles: ['tumour', 'immune'],
    minimum: [enoughTiles, ...nucleiOf(50, 'tumour', 'immune')],
    nuclei: counts('tumour', 'immune'),
    value: ({ tiles }: Evidence) => morisitaHorn(tiles.count('tumour'), tiles.count('immune'), tiles.weights),
    undefinedAs: 'no tumour or no immune nuclei in the tiles',
  },
  hotFraction('immune'),
  hotFraction('tumour'),
  coHotspot('immune', 'tumour'),
  coHotspot('tumour', 'immune'),
]);
