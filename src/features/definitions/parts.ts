import type { Role } from '../../context/roles.js';
import type { Evidence } from '../evidence.js';
import type { Feature, Minimum } from '../feature.js';

/** What most features have in common, so that a definition says only what is its own. */
type Own = Pick<
  Feature,
  'name' | 'unit' | 'definition' | 'formula' | 'source' | 'minimum' | 'nuclei' | 'value'
> &
  Partial<Feature>;

/** Completes the definitions of a section. */
export function section(
  name: Feature['section'],
  common: Partial<Feature>,
  features: readonly Own[],
): Feature[] {
  return features.map((own) => ({
    section: name,
    log: false,
    roles: [],
    region: false,
    leans: true,
    inRegions: false,
    adds: false,
    interval: true,
    ...common,
    ...own,
  }));
}

export const named = (role: Role) => `n.${role}`;
export const count = (role: Role) => (evidence: Evidence) => evidence.sum(named(role));
export const counts =
  (...roles: Role[]) =>
  (evidence: Evidence) =>
    roles.reduce((sum, role) => sum + evidence.sum(named(role)), 0);
export const allNuclei = (evidence: Evidence) => evidence.sum('nuclei');
export const typedNuclei = (evidence: Evidence) => evidence.sum('typed');
export const tissue = (evidence: Evidence) => evidence.sum('mm2.tissue');

/** At least so many nuclei of each of some roles. */
export function nucleiOf(least: number, ...roles: Role[]): Minimum[] {
  return roles.map((role) => ({ least, what: `${role} nuclei`, of: count(role) }));
}

export const enoughTissue: Minimum = { least: 0.5, what: 'mm2 of tissue', of: tissue };
export const enoughTyped: Minimum = { least: 200, what: 'nuclei with a role', of: typedNuclei };
export const enoughTiles: Minimum = {
  least: 20,
  what: 'tiles of 250 um that are at least half tissue',
  of: ({ tiles }) => tiles.weights.reduce((sum, weight) => sum + weight, 0),
};
export const enoughTumour: Minimum = {
  least: 0.2,
  what: 'mm2 of tumour region',
  of: (evidence) => evidence.sum('mm2.tumour'),
};
export const enoughStroma: Minimum = {
  least: 0.2,
  what: 'mm2 of tissue within 500 um of the tumour region',
  of: (evidence) => evidence.sum('mm2.associated'),
};

/** Numbers that are added so that a ratio of two counts is finite; it draws ratios of few nuclei towards 1. */
export const logRatio = (a: number, b: number) => Math.log2((a + 0.5) / (b + 0.5));
