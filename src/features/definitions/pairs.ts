import type { Evidence } from '../evidence.js';
import { pairRadii, pairs as rolePairs } from '../sums.js';
import { count, counts, logRatio, nucleiOf, section, tissue, typedNuclei } from './parts.js';

const enrichment = ({ name, from, to }: (typeof rolePairs)[number], radius: number) => {
  const both = from === to ? [from] : [from, to];
  return {
    name: `pairs_${name}_${radius}um`,
    unit: 'log2',
    definition: `How many times more ${from} and ${to} nuclei lie within ${radius} um of each other than if the classes were dealt out at random among the nuclei, as a binary logarithm: 0 is chance`,
    formula: `log2((pairs + 0.5) / (expected + 0.5)), ordered pairs within ${radius} um; expected = all pairs of nuclei with a role x ${from === to ? 'n (n - 1)' : 'nA nB'} / (N (N - 1))`,
    source:
      "counts as squidpy's interaction_matrix; a ratio in place of a z-score, which grows with the number of nuclei; random labelling as SpaceR (Data Intelligence 2024)",
    roles: both,
    minimum: nucleiOf(50, ...both),
    nuclei: typedNuclei,
    value: (evidence: Evidence) => {
      const shareFrom = count(from)(evidence) / typedNuclei(evidence);
      const itself = from === to ? 1 : 0;
      const shareTo = (evidence.sum(`there.${to}`) - itself) / (evidence.sum('there.typed') - 1);
      const expected = evidence.sum(`pairs.all.${radius}`) * shareFrom * shareTo;
      return logRatio(evidence.sum(`pairs.${name}.${radius}`), expected);
    },
    inRegions: true,
  };
};

export const pairs = section('pairs', {}, [
  ...pairRadii.flatMap((radius) => rolePairs.map((pair) => enrichment(pair, radius))),
  {
    name: 'lcross_tumour_immune_50um',
    unit: 'um',
    definition:
      'How much nearer tumour and immune nuclei lie to each other, within 50 um, than if both were strewn at random over the tissue: above 0 they attract, below 0 they avoid each other',
    formula:
      "sqrt(K / pi) - 50, K Ripley's cross K at 50 um with the translation correction by the tissue's own set covariance",
    source: 'Ohser 1983: spatstat\'s Kcross, correction "translate"',
    roles: ['tumour', 'immune'],
    minimum: nucleiOf(50, 'tumour', 'immune'),
    nuclei: counts('tumour', 'immune'),
    value: (evidence: Evidence) => {
      const squareMicrons = 1e6 * tissue(evidence);
      const k =
        (squareMicrons * evidence.sum('corrected_pairs')) /
        (count('tumour')(evidence) * count('immune')(evidence));
      return Math.sqrt(k / Math.PI) - 50;
    },
    leans: false,
  },
]);
