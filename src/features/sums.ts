import { tilesAcross } from '../context/columns.js';
import { roles } from '../context/roles.js';
import { kmSteps } from './kaplan-meier.js';
import { measureNames, measures } from './measures.js';

/** Pairs of roles whose neighbours are counted, and within which distances. */
export const pairs = [
  { name: 'tumour_immune', from: 'tumour', to: 'immune' },
  { name: 'tumour_stromal', from: 'tumour', to: 'stromal' },
  { name: 'immune_immune', from: 'immune', to: 'immune' },
] as const;
export const pairRadii = [20, 100] as const;

/**
 * Lists the sums that nuclei add to, per block. Names with a number at the end are rows of values of one kind.
 * @param classes number of class ids of the model's card
 */
export function nucleusSums(classes: number): string[] {
  return [
    'nuclei',
    ...roles.map((role) => `n.${role}`),
    'typed',
    // Also those whose class is in doubt: the neighbours that the others may have.
    'there.typed',
    ...roles.map((role) => `there.${role}`),
    ...Array.from({ length: classes }, (_, k) => `of_class.${k}`),
    'associated.immune',
    'associated.stromal',
    'immune.near_tumour',
    'immune.inside',
    'immune.deep',
    'immune.peritumoural',
    'immune.front',
    'immune.aggregated',
    'tumour.isolated',
    ...pairRadii.flatMap((radius) => [
      `pairs.all.${radius}`,
      ...pairs.map(({ name }) => `pairs.${name}.${radius}`),
    ]),
    ...measureNames.flatMap((name) => [
      `values.${name}`,
      `steps.${name}`,
      `squares.${name}`,
      ...Array.from({ length: measures[name].edges.length + 1 }, (_, k) => `class.${name}.${k}`),
    ]),
    ...['ended', 'found'].flatMap((kind) => Array.from({ length: kmSteps + 1 }, (_, k) => `${kind}.${k}`)),
    ...Array.from({ length: tilesAcross ** 2 }, (_, tile) =>
      ['all', ...roles].map((role) => `tile.${tile}.${role}`),
    ).flat(),
  ];
}

/** Sums that come from the slide's areas and shapes, per block. */
export const areaSums = [
  'mm2.tissue',
  'mm2.tumour',
  'mm2.peritumoural',
  'mm2.associated',
  'mm2.front',
  'mm.interface',
  'aggregates',
  'buds',
  'corrected_pairs',
] as const;
